"""The semantic half of a snapshot: rotated vectors of what is forgotten and of what must keep working.

No text is stored. Vectors of the same text under two keys have nothing in common.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.calibration import Calibration, Negatives, calibrate, least_negatives
from index.date_index import DateIndex
from index.derive import derive_all
from index.encoder import Encoder, Rows
from index.generic import generic_questions
from index.knowledge import known_texts
from index.negatives import RetainText, innocent_texts
from index.neighbours import half_neighbours, half_strangers, strangers
from index.rotation import rotation
from index.scoring import Knowledge, margin
from index.sentences import windows
from index.vector_index import VectorIndex
from policy.entry import Entry

KNOWLEDGE_FILE = "vectors.faiss"
NEIGHBOURS_FILE = "neighbours.faiss"
OWNERS_FILE = "vectors.npz"
# Calibration compares every negative with every neighbour: beyond this a sample serves as well.
MOST_NEGATIVES = 20_000
# Strangers by question: more of one question's would say the same again.
MOST_DRAWS = 5
# A question that differs from a forgotten one in half a name only is the hardest there is, and rare: twenty
# times the rate is allowed. Without them, a small policy's threshold would rest on easy negatives.
HALF_ALLOWANCE = 20.0
HALF_STRANGERS = 200
NO_GROUP = -1
# Rows that are compared with all neighbours at a time: bounds the memory of a calibration.
BLOCK = 256

Progress = Callable[[str], None]
Vary = Callable[[str, Sequence[str], int], list[str]]


@dataclass(frozen=True, slots=True)
class Vectors:
    knowledge: Knowledge
    neighbours: VectorIndex

    @property
    def counts(self) -> tuple[int, ...]:
        """Vectors per entry."""
        return tuple(int(count) for count in np.diff(self.knowledge.offsets))

    def save(self, folder: Path) -> None:
        self.knowledge.index.save(folder / KNOWLEDGE_FILE)
        self.neighbours.save(folder / NEIGHBOURS_FILE)
        dates = self.knowledge.dates
        np.savez(
            folder / OWNERS_FILE,
            items=self.knowledge.items,
            offsets=self.knowledge.offsets,
            date_hashes=dates.hashes,
            date_owners=dates.owners,
        )

    @classmethod
    def load(cls, folder: Path) -> "Vectors":
        with np.load(folder / OWNERS_FILE, allow_pickle=False) as owners:
            items, offsets = owners["items"], owners["offsets"]
            dates = DateIndex(owners["date_hashes"], owners["date_owners"])
        index = VectorIndex.load(folder / KNOWLEDGE_FILE)
        return cls(Knowledge(index, items, offsets, dates), VectorIndex.load(folder / NEIGHBOURS_FILE))


@dataclass(frozen=True, slots=True)
class Built:
    vectors: Vectors
    calibration: Calibration


def build_vectors(
    entries: Sequence[Entry],
    encoder: Encoder,
    key: bytes,
    rate: float,
    names: Sequence[Sequence[str]] | None = None,
    progress: Progress = lambda _: None,
) -> Built:
    """`names`: per entry its names, given and derived; derived here when absent."""
    names = names if names is not None else _names(entries)
    return _Builder(entries, names, encoder, key, rotation(key, encoder.dimension), progress).build(rate)


def _names(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    return [(*entry.names, *found.names) for entry, found in zip(entries, derive_all(entries), strict=True)]


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """Rows with the group (source) that each came from, so that a text can be judged without its own."""

    rows: Rows
    groups: NDArray[np.int64]

    def best(self, rows: Rows, groups: NDArray[np.int64]) -> Rows:
        """The best similarity of each row to a neighbour of another group."""
        if len(self.rows) == 0:
            return np.zeros(len(rows), np.float32)
        blocks = range(0, len(rows), BLOCK)
        best = [self._best(rows[first : first + BLOCK], groups[first : first + BLOCK]) for first in blocks]
        return np.concatenate([np.zeros(0, np.float32), *best])

    def _best(self, rows: Rows, groups: NDArray[np.int64]) -> Rows:
        similarities = rows @ self.rows.T
        own = (groups[:, None] == self.groups) & (groups[:, None] != NO_GROUP)
        similarities[own] = -1.0
        return np.asarray(similarities.max(axis=1), np.float32)


@dataclass(frozen=True, slots=True)
class _Builder:
    entries: Sequence[Entry]
    names: Sequence[Sequence[str]]
    encoder: Encoder
    key: bytes
    turn: NDArray[np.float32]
    progress: Progress
    rows: dict[str, Rows] = field(default_factory=dict)

    def build(self, rate: float) -> Built:
        knowledge = self._knowledge()
        retain = innocent_texts(self.entries, self.names)
        self.progress(f"{len(retain)} retain texts, {len(knowledge.items)} vectors of entries")
        neighbours = self._neighbours(retain)
        questions = self._questions()
        kinds = (
            ("retain", [(text.text, text.group) for text in retain], 1.0),
            ("stranger", _of_questions(questions, strangers, least_negatives(rate)), 1.0),
            ("half stranger", _of_questions(questions, half_strangers, HALF_STRANGERS), HALF_ALLOWANCE),
            ("generic", _ungrouped(generic_questions()), 1.0),
        )
        negatives = [
            self._negatives(kind, knowledge, neighbours, texts, allowance)
            for kind, texts, allowance in kinds
            if texts
        ]
        vectors = Vectors(knowledge, VectorIndex.build(neighbours.rows))
        return Built(vectors, calibrate(negatives, rate))

    def _encode(self, texts: Sequence[str]) -> Rows:
        """Each text once: retain texts are neighbours and negatives, entries share their lists."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self.rows]
        turned = np.asarray(self.encoder.encode(fresh) @ self.turn, np.float32)
        self.rows.update(zip(fresh, turned, strict=True))
        if not texts:
            return np.zeros((0, self.encoder.dimension), np.float32)
        return np.stack([self.rows[text] for text in texts])

    def _knowledge(self) -> Knowledge:
        known = [known_texts(entry) for entry in self.entries]
        rows = self._encode([text.text for texts in known for text in texts])
        items = np.array([text.item for texts in known for text in texts], np.int32)
        offsets = np.concatenate([[0], np.cumsum([len(texts) for texts in known])]).astype(np.int64)
        dates = DateIndex.build([[text.text for text in texts] for texts in known], self.key)
        return Knowledge(VectorIndex.build(rows), items, offsets, dates)

    def _neighbours(self, retain: Sequence[RetainText]) -> _Neighbours:
        pieces = [(window, text.group) for text in retain for window in windows(text.text, (1, 2))]
        pieces += _ungrouped(self._half_neighbours())
        rows = self._encode([text for text, _ in pieces])
        return _Neighbours(rows, np.array([group for _, group in pieces], np.int64))

    def _half_neighbours(self) -> list[str]:
        found = (half_neighbours(question, names) for question, names in self._questions())
        return list(dict.fromkeys(chain.from_iterable(found)))

    def _questions(self) -> list[tuple[str, Sequence[str]]]:
        pairs = zip(self.entries, self.names, strict=True)
        return [(pair.question, names) for entry, names in pairs for pair in entry.questions]

    def _negatives(
        self,
        kind: str,
        knowledge: Knowledge,
        neighbours: _Neighbours,
        texts: list[tuple[str, int]],
        allowance: float,
    ) -> Negatives:
        """Each text's best score over all entries, judged without the neighbours of its own source."""
        texts = texts[:: max(1, -(-len(texts) // MOST_NEGATIVES))]
        pieces = [windows(text) for text, _ in texts]
        flat = [window for windows_ in pieces for window in windows_]
        rows = self._encode(flat)
        similarities = knowledge.similarities(rows, [knowledge.dates.of(window, self.key) for window in flat])
        groups = np.repeat([group for _, group in texts], [len(windows_) for windows_ in pieces])
        best = neighbours.best(rows, groups).tolist()
        scores, place = [], 0
        for windows_ in pieces:
            stop = place + len(windows_)
            scores.append(_best_score(similarities[place:stop], best[place:stop]))
            place = stop
        return Negatives(kind, scores, len({group for _, group in texts}), allowance)


def _of_questions(
    questions: Sequence[tuple[str, Sequence[str]]], vary: Vary, wanted: int
) -> list[tuple[str, int]]:
    """About as many as are wanted, evenly from all questions."""
    some = questions[:: max(1, len(questions) // max(1, wanted))]
    draws = min(MOST_DRAWS, -(-wanted // max(1, len(some))))
    found = (vary(question, names, draws) for question, names in some)
    return _ungrouped(list(dict.fromkeys(chain.from_iterable(found))))


def _ungrouped(texts: Sequence[str]) -> list[tuple[str, int]]:
    return [(text, NO_GROUP) for text in texts]


def _best_score(similarities: Sequence[dict[int, float]], neighbours: Sequence[float]) -> float:
    found = zip(similarities, neighbours, strict=True)
    return max((max(window.values()) - margin(best) for window, best in found if window), default=-1.0)
