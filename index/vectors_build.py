"""Makes the semantic half of a snapshot: vectors, margins, one threshold for all entries together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.calibration import Negatives, calibrate, least_negatives
from index.date_index import DateIndex
from index.encoder import Encoder
from index.encodings import Encodings
from index.forgets import Forgets, WordsHash
from index.generic import generic_texts
from index.given import Given, read_texts
from index.ground import NO_GROUND, Ground
from index.kept_negatives import KeptKind, KeptNegatives, Retained
from index.kept_rows import KeptRows
from index.knowledge import Known
from index.negatives import RetainText, innocent_texts
from index.neighbour_rows import NO_GROUP, NeighbourRows, Texts
from index.own_texts import OwnTexts
from index.probes import Asker
from index.scoring import GENERIC, LONE_PASSAGE, Knowledge, margin
from index.sentences import stretches, windows
from index.vector_index import VectorIndex
from index.vectors import Built, Vectors
from policy.entry import Entry

# Calibration compares every negative with every neighbour: beyond this a sample serves as well.
MOST_NEGATIVES = 20_000
# A question that differs from a forgotten one in half a name only is the hardest there is, and rare: twenty
# times the rate is allowed. Without them, a small policy's threshold would rest on easy negatives.
HALF_ALLOWANCE = 20.0
HALF_STRANGERS = 200
# Stretches of passages that are compared with every vector of the other entries.
MOST_OTHERS = 1000
RETAIN, STRANGER, HALF_STRANGER = "retain", "stranger", "half stranger"
GENERIC_KIND, OTHER = "generic", "other entry"

Progress = Callable[[str], None]


def build_vectors(
    entries: Sequence[Entry],
    encoder: Encoder,
    key: bytes,
    rate: float,
    names: Sequence[Sequence[str]] | None = None,
    progress: Progress = lambda _: None,
    asker: Asker | None = None,
    ground: Ground = NO_GROUND,
    kept: KeptRows | None = None,
) -> Built:
    """`names`: per entry its names, given and derived; derived here when absent. `kept`: of the last build.

    Raises CalibrationError where the ground is strict and too small.
    """
    own = OwnTexts.of(entries, names, asker)
    return _Builder(own, Encodings(encoder, key, kept), key, progress).build(rate, ground)


def knowledge_of(known: Sequence[Sequence[Known]], encode: Encodings, key: bytes) -> Knowledge:
    """Not lowered yet. `known`: per entry."""
    rows = encode([text.text for texts in known for text in texts])
    items = np.array([text.item for texts in known for text in texts], np.int32)
    offsets = np.concatenate([[0], np.cumsum([len(texts) for texts in known])]).astype(np.int64)
    dates = DateIndex.build([[text.text for text in texts] for texts in known], key)
    return Knowledge(VectorIndex.build(rows), items, offsets, dates, np.zeros(len(known), np.float32))


@dataclass(frozen=True, slots=True)
class _Builder:
    own: OwnTexts
    encode: Encodings
    key: bytes
    progress: Progress

    def build(self, rate: float, ground: Ground) -> Built:
        retain = innocent_texts(self.own.entries, self.own.names)
        known = self.own.known()
        self.progress(f"{len(retain)} retain texts, {sum(map(len, known))} vectors of entries")
        neighbours, retained = self._neighbours(retain)
        knowledge = self._lowered(knowledge_of(known, self.encode, self.key), neighbours)
        given = self._given(ground)
        kinds = self._kinds(retain, max(least_negatives(rate), ground.wanted), ground, neighbours)
        innocent = given.innocent(Forgets.of(self.own.entries, self.own.names, self.key))
        kinds.append(_kept("given", innocent.texts, neighbours, words=innocent.words))
        owners, others = self._others(neighbours)
        negatives = [kind.scored(knowledge) for kind in kinds if kind.texts.sizes]
        if len(self.own.entries) > 1 and owners:
            negatives.append(_scored_others(others, owners, knowledge))
        calibration = calibrate(negatives, rate, given.reported)
        ground.check(calibration)
        lowered = self._lone_lowered(knowledge, calibration.threshold)
        sampled = tuple(kind.sampled() for kind in (*kinds, others) if kind.texts.sizes)
        vectors = Vectors(lowered, VectorIndex.build(neighbours.rows))
        return Built(vectors, calibration, given, KeptNegatives(sampled, retained))

    def _kinds(
        self, retain: Sequence[RetainText], wanted: int, ground: Ground, neighbours: NeighbourRows
    ) -> list[KeptKind]:
        retain = retain[:: max(1, -(-len(retain) // MOST_NEGATIVES))]
        strangers = self.own.strangers(wanted, strict=ground.strict)
        words = list(map(WordsHash(self.key), (text.text for text in retain)))
        read, groups = self._read([text.text for text in retain]), [text.group for text in retain]
        return [
            _kept(RETAIN, read, neighbours, groups, words=words),
            _kept(STRANGER, self._read(strangers), neighbours),
            _kept(
                HALF_STRANGER,
                self._read(self.own.half_strangers(HALF_STRANGERS)),
                neighbours,
                allowance=HALF_ALLOWANCE,
            ),
            _kept(GENERIC_KIND, self._read(generic_texts()), neighbours),
        ]

    def _read(self, texts: Sequence[str]) -> Texts:
        return read_texts(texts[:: max(1, -(-len(texts) // MOST_NEGATIVES))], self.encode, self.key)

    def _given(self, ground: Ground) -> Given:
        """What is given now takes the place of what was given before, texts that of texts."""
        texts = [text.text for text in ground.innocent]
        texts = texts[:: max(1, -(-len(texts) // MOST_NEGATIVES))]
        now = Given.of(texts, self.encode.encoder.fingerprint, self.encode, self.key)
        return now.after(ground.kept, ground.reported)

    def _neighbours(self, retain: Sequence[RetainText]) -> tuple[NeighbourRows, Retained]:
        pieces = [
            (window, place) for place, text in enumerate(retain) for window in windows(text.text, (1, 2))
        ]
        exchanged = self.own.exchanged()
        rows = self.encode([*(window for window, _ in pieces), *exchanged])
        owners = np.array([place for _, place in pieces] + [-1] * len(exchanged), np.int32)
        groups = np.array([*(text.group for text in retain), NO_GROUP], np.int64)[owners]
        words = list(map(WordsHash(self.key), (text.text for text in retain)))
        return NeighbourRows(rows, groups), Retained(owners, words)

    def _lowered(self, knowledge: Knowledge, neighbours: NeighbourRows) -> Knowledge:
        """Entries that generic texts are near to are lowered, so that one threshold serves all."""
        rows = self.encode(generic_texts())
        similarities = knowledge.similarities(rows, [frozenset()] * len(rows))
        lowered = np.zeros(len(self.own.entries), np.float32)
        for near, best in zip(similarities, neighbours.best(rows, np.full(len(rows), NO_GROUP)), strict=True):
            for entry, similarity in near.items():
                lowered[entry] = max(lowered[entry], similarity - margin(float(best)) - GENERIC)
        return replace(knowledge, lowered=lowered)

    def _lone_lowered(self, knowledge: Knowledge, threshold: float) -> Knowledge:
        """After calibration, because generic texts do not tell how near a text of the same kind comes."""
        missing = GENERIC + LONE_PASSAGE - threshold
        entries = self.own.entries
        if missing <= 0 or sum(bool(entry.passages) for entry in entries) != 1:
            return knowledge
        lone = [bool(entry.passages and not entry.questions) for entry in entries]
        return replace(
            knowledge, lowered=knowledge.lowered + np.array(lone, np.float32) * np.float32(missing)
        )

    def _others(self, neighbours: NeighbourRows) -> tuple[list[int], KeptKind]:
        """Passages as if their own entry were not there: a text of the same kind, to all other entries.

        Where an entry has questions too, strangers tell more. Also gives the entry of each text.
        """
        entries = self.own.entries
        owners = [place for place, entry in enumerate(entries) if entry.passages and not entry.questions]
        texts: list[str] = []
        found: list[int] = []
        for owner in owners:
            said = [text for passage in entries[owner].passages for text in stretches(passage)]
            some = said[:: 1 + len(said) * len(owners) // MOST_OTHERS]
            texts += some
            found += [owner] * len(some)
        return found, _kept(OTHER, read_texts(texts, self.encode, self.key), neighbours)


def _kept(
    kind: str,
    texts: Texts,
    neighbours: NeighbourRows,
    groups: Sequence[int] | None = None,
    allowance: float = 1.0,
    words: Sequence[tuple[int, ...]] = (),
) -> KeptKind:
    groups = groups if groups is not None else [NO_GROUP] * len(texts.sizes)
    margins = neighbours.margins(texts, groups)
    return KeptKind(kind, texts, margins, len(set(groups)), allowance, words)


def _scored_others(others: KeptKind, owners: Sequence[int], knowledge: Knowledge) -> Negatives:
    """`owners`: the entry of each text."""
    scores: list[float] = []
    for owner in dict.fromkeys(owners):
        of_owner = others.only([one == owner for one in owners])
        reached = knowledge.to_others(of_owner.texts.rows, owner) - of_owner.margins
        first = np.cumsum([0, *of_owner.texts.sizes[:-1]])
        scores += np.maximum.reduceat(reached, first).tolist()
    return Negatives(OTHER, scores, len(set(owners)))
