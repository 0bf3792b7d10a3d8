"""The semantic half of a snapshot: rotated vectors of what is forgotten and of what must keep working.

No text is stored. Vectors of the same text under two keys have nothing in common.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.calibration import Calibration, Negatives, calibrate, least_negatives
from index.date_index import DateIndex
from index.derive import derive_all
from index.encoder import Encoder, Rows
from index.generic import generic_texts
from index.given import Given, read_texts
from index.ground import NO_GROUND, Ground
from index.knowledge import known_texts
from index.negatives import RetainText, innocent_texts
from index.neighbour_rows import NO_GROUP, NeighbourRows, Texts
from index.neighbours import half_neighbours, half_strangers, strangers, whole_neighbours
from index.probes import Asker, probes
from index.rotation import rotation
from index.scoring import GENERIC, LONE_PASSAGE, Knowledge, margin
from index.sentences import stretches, windows
from index.vector_index import VectorIndex
from policy.entry import Entry

KNOWLEDGE_FILE = "vectors.faiss"
NEIGHBOURS_FILE = "neighbours.faiss"
OWNERS_FILE = "vectors.npz"
# Calibration compares every negative with every neighbour: beyond this a sample serves as well.
MOST_NEGATIVES = 20_000
# Strangers by question: more of one question's would say the same again.
MOST_DRAWS = 5
# Where a number of negatives is asked for, they say little new rather than nothing.
MOST_STRICT_DRAWS = 100
# A question that differs from a forgotten one in half a name only is the hardest there is, and rare: twenty
# times the rate is allowed. Without them, a small policy's threshold would rest on easy negatives.
HALF_ALLOWANCE = 20.0
HALF_STRANGERS = 200
# Stretches of passages that are compared with every vector of the other entries.
MOST_OTHERS = 1000

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
            lowered=self.knowledge.lowered,
        )

    @classmethod
    def load(cls, folder: Path) -> "Vectors":
        with np.load(folder / OWNERS_FILE, allow_pickle=False) as owners:
            items, offsets, lowered = owners["items"], owners["offsets"], owners["lowered"]
            dates = DateIndex(owners["date_hashes"], owners["date_owners"])
        index = VectorIndex.load(folder / KNOWLEDGE_FILE)
        return cls(
            Knowledge(index, items, offsets, dates, lowered), VectorIndex.load(folder / NEIGHBOURS_FILE)
        )


@dataclass(frozen=True, slots=True)
class Built:
    """`given`: what was given by hand, for the next snapshot."""

    vectors: Vectors
    calibration: Calibration
    given: Given


def build_vectors(
    entries: Sequence[Entry],
    encoder: Encoder,
    key: bytes,
    rate: float,
    names: Sequence[Sequence[str]] | None = None,
    progress: Progress = lambda _: None,
    asker: Asker | None = None,
    ground: Ground = NO_GROUND,
) -> Built:
    """`names`: per entry its names, given and derived; derived here when absent.

    Raises CalibrationError where the ground is strict and too small.
    """
    names = names if names is not None else _names(entries)
    probed = [_probed(entry, own, asker) for entry, own in zip(entries, names, strict=True)]
    turn = rotation(key, encoder.dimension)
    return _Builder(entries, names, probed, encoder, key, turn, progress).build(rate, ground)


def _probed(entry: Entry, names: Sequence[str], asker: Asker | None) -> list[list[str]]:
    """Who gives questions knows best what is asked."""
    if entry.questions:
        return []
    asked = [[question] for passage in entry.passages for question in (asker(passage) if asker else ())]
    return [*chain.from_iterable(probes(passage, names) for passage in entry.passages), *asked]


def _names(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    return [(*entry.names, *found.names) for entry, found in zip(entries, derive_all(entries), strict=True)]


@dataclass(frozen=True, slots=True)
class _Builder:
    entries: Sequence[Entry]
    names: Sequence[Sequence[str]]
    probed: Sequence[Sequence[Sequence[str]]]
    encoder: Encoder
    key: bytes
    turn: NDArray[np.float32]
    progress: Progress
    rows: dict[str, Rows] = field(default_factory=dict)

    def build(self, rate: float, ground: Ground) -> Built:
        knowledge = self._knowledge()
        retain = innocent_texts(self.entries, self.names)
        self.progress(f"{len(retain)} retain texts, {len(knowledge.items)} vectors of entries")
        neighbours = self._neighbours(retain)
        knowledge = self._lowered(knowledge, neighbours)
        questions = self._questions()
        wanted = max(least_negatives(rate), ground.wanted)
        kinds = (
            ("retain", [(text.text, text.group) for text in retain], 1.0),
            ("stranger", _of_questions(questions + self._probes(), strangers, wanted, ground.strict), 1.0),
            ("half stranger", _of_questions(questions, half_strangers, HALF_STRANGERS), HALF_ALLOWANCE),
            ("generic", _ungrouped(generic_texts()), 1.0),
        )
        negatives = [
            self._negatives(kind, knowledge, neighbours, texts, allowance)
            for kind, texts, allowance in kinds
            if texts
        ]
        given = self._given(ground)
        innocent = given.innocent(self.entries, self.names, self.key)
        if innocent.sizes:
            negatives.append(_scored("given", knowledge, neighbours, innocent))
        negatives.extend(self._others(knowledge, neighbours))
        calibration = calibrate(negatives, rate, given.reported)
        ground.check(calibration)
        lowered = self._lone_lowered(knowledge, calibration.threshold)
        return Built(Vectors(lowered, VectorIndex.build(neighbours.rows)), calibration, given)

    def _given(self, ground: Ground) -> Given:
        """What is given now takes the place of what was given before, texts that of texts."""
        texts = [text.text for text in ground.innocent]
        texts = texts[:: max(1, -(-len(texts) // MOST_NEGATIVES))]
        now = Given.of(texts, self.encoder.fingerprint, self._encode, self.key)
        return now.after(ground.kept, ground.reported)

    def _encode(self, texts: Sequence[str]) -> Rows:
        """Each text once: retain texts are neighbours and negatives, entries share their lists."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self.rows]
        turned = np.asarray(self.encoder.encode(fresh) @ self.turn, np.float32)
        self.rows.update(zip(fresh, turned, strict=True))
        if not texts:
            return np.zeros((0, self.encoder.dimension), np.float32)
        return np.stack([self.rows[text] for text in texts])

    def _knowledge(self) -> Knowledge:
        pairs = zip(self.entries, self.probed, strict=True)
        known = [known_texts(entry, probed) for entry, probed in pairs]
        rows = self._encode([text.text for texts in known for text in texts])
        items = np.array([text.item for texts in known for text in texts], np.int32)
        offsets = np.concatenate([[0], np.cumsum([len(texts) for texts in known])]).astype(np.int64)
        dates = DateIndex.build([[text.text for text in texts] for texts in known], self.key)
        lowered = np.zeros(len(self.entries), np.float32)
        return Knowledge(VectorIndex.build(rows), items, offsets, dates, lowered)

    def _neighbours(self, retain: Sequence[RetainText]) -> NeighbourRows:
        pieces = [(window, text.group) for text in retain for window in windows(text.text, (1, 2))]
        pieces += _ungrouped(self._exchanged())
        rows = self._encode([text for text, _ in pieces])
        return NeighbourRows(rows, np.array([group for _, group in pieces], np.int64))

    def _exchanged(self) -> list[str]:
        """The entries' questions about somebody else. Probes about people who share half a name with the
        subject are no ground: they come nearer to a question about it than the probe itself.
        """
        given = (half_neighbours(question, names) for question, names in self._questions())
        made = (whole_neighbours(question, names) for question, names in self._probes())
        return list(dict.fromkeys(chain(chain.from_iterable(given), chain.from_iterable(made))))

    def _questions(self) -> list[tuple[str, Sequence[str]]]:
        pairs = zip(self.entries, self.names, strict=True)
        return [(pair.question, names) for entry, names in pairs for pair in entry.questions]

    def _probes(self) -> list[tuple[str, Sequence[str]]]:
        pairs = zip(self.probed, self.names, strict=True)
        return [(question, names) for probed, names in pairs for question in chain.from_iterable(probed)]

    def _lowered(self, knowledge: Knowledge, neighbours: NeighbourRows) -> Knowledge:
        """Entries that generic texts are near to are lowered, so that one threshold serves all."""
        rows = self._encode(generic_texts())
        similarities = knowledge.similarities(rows, [frozenset()] * len(rows))
        lowered = np.zeros(len(self.entries), np.float32)
        for near, best in zip(similarities, neighbours.best(rows, np.full(len(rows), NO_GROUP)), strict=True):
            for entry, similarity in near.items():
                lowered[entry] = max(lowered[entry], similarity - margin(float(best)) - GENERIC)
        return replace(knowledge, lowered=lowered)

    def _lone_lowered(self, knowledge: Knowledge, threshold: float) -> Knowledge:
        """After calibration, because generic texts do not tell how near a text of the same kind comes."""
        missing = GENERIC + LONE_PASSAGE - threshold
        if missing <= 0 or sum(bool(entry.passages) for entry in self.entries) != 1:
            return knowledge
        lone = [bool(entry.passages and not entry.questions) for entry in self.entries]
        return replace(
            knowledge, lowered=knowledge.lowered + np.array(lone, np.float32) * np.float32(missing)
        )

    def _others(self, knowledge: Knowledge, neighbours: NeighbourRows) -> Iterator[Negatives]:
        """Passages as if their own entry were not there: a text of the same kind, to all other entries.

        Where an entry has questions too, strangers tell more.
        """
        owners = [place for place, entry in enumerate(self.entries) if entry.passages and not entry.questions]
        scores: list[float] = []
        for owner in owners:
            texts = [text for passage in self.entries[owner].passages for text in stretches(passage)]
            for text in texts[:: 1 + len(texts) * len(owners) // MOST_OTHERS]:
                rows = self._encode(windows(text))
                margins = [
                    margin(best) for best in neighbours.best(rows, np.full(len(rows), NO_GROUP)).tolist()
                ]
                scores.append(float((knowledge.to_others(rows, owner) - margins).max()))
        if len(self.entries) > 1 and scores:
            yield Negatives("other entry", scores, len(owners))

    def _negatives(
        self,
        kind: str,
        knowledge: Knowledge,
        neighbours: NeighbourRows,
        texts: list[tuple[str, int]],
        allowance: float,
    ) -> Negatives:
        texts = texts[:: max(1, -(-len(texts) // MOST_NEGATIVES))]
        read = read_texts([text for text, _ in texts], self._encode, self.key)
        return _scored(kind, knowledge, neighbours, read, [group for _, group in texts], allowance)


def _scored(
    kind: str,
    knowledge: Knowledge,
    neighbours: NeighbourRows,
    texts: Texts,
    groups: Sequence[int] | None = None,
    allowance: float = 1.0,
) -> Negatives:
    groups = groups if groups is not None else [NO_GROUP] * len(texts.sizes)
    return Negatives(kind, neighbours.scores(knowledge, texts, groups), len(set(groups)), allowance)


def _of_questions(
    questions: Sequence[tuple[str, Sequence[str]]], vary: Vary, wanted: int, strict: bool = False
) -> list[tuple[str, int]]:
    """About as many as are wanted, evenly from all questions."""
    some = questions[:: max(1, len(questions) // max(1, wanted))]
    draws = min(MOST_STRICT_DRAWS if strict else MOST_DRAWS, -(-wanted // max(1, len(some))))
    found = (vary(question, names, draws) for question, names in some)
    return _ungrouped(list(dict.fromkeys(chain.from_iterable(found))))


def _ungrouped(texts: Sequence[str]) -> list[tuple[str, int]]:
    return [(text, NO_GROUP) for text in texts]
