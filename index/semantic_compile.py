"""Compiles the semantic part of a forget request against the full build in force."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from index.calibration import Calibration, calibrate
from index.encoder import Encoder, Rows
from index.encodings import Encodings
from index.forgets import Forgets, WordsHash
from index.given import read_texts
from index.kept_negatives import KeptKind
from index.negatives import innocent_texts
from index.own_texts import OwnTexts
from index.probes import Asker
from index.scoring import GENERIC, LONE_PASSAGE, Knowledge
from index.semantic_ground import SemanticGround
from index.semantic_offset import Counted, Reach
from index.semantic_segment import SemanticEntry, SemanticSegment, Timing
from index.sentences import windows
from index.similarity import Line
from index.snapshot import Snapshot
from index.vectors_build import (
    GENERIC_KIND,
    HALF_ALLOWANCE,
    HALF_STRANGER,
    OTHER,
    RETAIN,
    STRANGER,
    knowledge_of,
)
from policy.entry import Entry

# Of an entry's questions about somebody else. Of those about half a stranger so many that the rate which they
# are allowed leaves out some: by their highest score alone, one odd draw would decide.
OWN_STRANGERS = 100
OWN_HALF_STRANGERS = 150


def compile_semantic(
    entries: Sequence[Entry], base: Snapshot, encoder: Encoder, key: bytes, asker: Asker | None = None
) -> SemanticSegment:
    """Raises SnapshotError for another encoder than the snapshot's, or where that has no vectors."""
    start = time.perf_counter()
    base.check_encoder(encoder.fingerprint)
    ground, encode = SemanticGround.load(base), Encodings(encoder, key)
    segment = _Compiler(OwnTexts.of(entries, asker=asker), ground, encode, key).segment()
    timing = Timing(encode.encoded, encode.seconds, time.perf_counter() - start)
    # As the snapshot has it: the same encoder may have told other last digits just now.
    said = encoder.fingerprint if base.manifest.encoder is None else base.manifest.encoder.fingerprint
    return replace(segment, encoder=said, timing=timing)


def reach_of(
    knowledge: Knowledge, negatives: Sequence[KeptKind], own: tuple[Line, ...], rate: float
) -> Reach:
    """`own`: the lines of what only this entry's texts are likely to meet."""
    scored = [kind.scored(knowledge) for kind in negatives if kind.texts.sizes]
    nearest = [max(one.scores) for one in scored if one.kind == GENERIC_KIND]
    return Reach(
        max(0.0, *(near - GENERIC for near in nearest), 0.0),
        _counted(calibrate(scored, rate)),
        own,
    )


def _counted(calibration: Calibration) -> tuple[Counted, ...]:
    return tuple(Counted.of(stratum, calibration.asked) for stratum in calibration.strata)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Innocent texts of one kind that only a request's own entries are likely to meet."""

    kind: str
    texts: Sequence[str]
    allowance: float = 1.0


@dataclass(frozen=True, slots=True)
class _Compiler:
    own: OwnTexts
    ground: SemanticGround
    encode: Encodings
    key: bytes

    def segment(self) -> SemanticSegment:
        forgets = Forgets.of(self.own.entries, self.own.names, self.key)
        retain, exchanged, ones = self._new_retain(), self.own.exchanged(), self.own.each()
        retained = [window for text in retain for window in windows(text, (1, 2))]
        drawn = [_drawn(one, retain) for one in ones]
        self._encode_together(exchanged, retained, drawn)
        others = self.encode(exchanged)
        shared = [kind.without(forgets) for kind in self.ground.negatives.kinds]
        entries = [
            self._entry(one, shared, self._own_kinds(kinds, others, forgets))
            for one, kinds in zip(ones, drawn, strict=True)
        ]
        neighbours = np.concatenate([others, self.encode(retained)])
        fingerprint = self.encode.encoder.fingerprint
        return SemanticSegment(fingerprint, self.ground.id, tuple(entries), neighbours, forgets)

    def _new_retain(self) -> list[str]:
        """Its retain texts that the snapshot does not know already."""
        known, hashed = set(self.ground.negatives.retained.words), WordsHash(self.key)
        texts = (text.text for text in innocent_texts(self.own.entries, self.own.names))
        return [text for text in texts if hashed(text) not in known]

    def _encode_together(
        self, exchanged: Sequence[str], retained: Sequence[str], drawn: Sequence[Sequence[_Drawn]]
    ) -> None:
        """An encoder is fastest when its batches are full."""
        known = (text.text for texts in self.own.known() for text in texts)
        innocent = (text for kinds in drawn for kind in kinds for text in kind.texts)
        self.encode([*known, *exchanged, *retained, *chain.from_iterable(map(windows, innocent))])

    def _own_kinds(self, drawn: Sequence[_Drawn], others: Rows, forgets: Forgets) -> list[KeptKind]:
        kinds = []
        for one in drawn:
            texts = read_texts(one.texts, self.encode, self.key)
            margins = self.ground.margins(texts, others, forgets)
            kinds.append(KeptKind(one.kind, texts, margins, 1, one.allowance))
        return kinds

    def _entry(self, one: OwnTexts, shared: Sequence[KeptKind], own: Sequence[KeptKind]) -> SemanticEntry:
        (entry,), rate = one.entries, self.ground.calibration.asked
        knowledge = knowledge_of(one.known(), self.encode, self.key)
        scored = [kind.scored(knowledge) for kind in own if kind.texts.sizes]
        reach = reach_of(knowledge, shared, calibrate(scored, rate).lines, rate)
        if _is_lone(entry, shared):
            # Nothing tells how near a text of the same kind comes.
            reach = replace(reach, own=(*reach.own, Line(reach.generic + GENERIC + LONE_PASSAGE, 0.0)))
        rows, dates = knowledge.index.rows(0, len(knowledge.index)), tuple(knowledge.dates.hashes.tolist())
        return SemanticEntry(entry.id, rows, knowledge.items, dates, reach)


def _drawn(one: OwnTexts, retain: Sequence[str]) -> list[_Drawn]:
    return [
        _Drawn(RETAIN, retain),
        _Drawn(STRANGER, one.strangers(OWN_STRANGERS)),
        _Drawn(HALF_STRANGER, one.half_strangers(OWN_HALF_STRANGERS, strict=True), HALF_ALLOWANCE),
    ]


def _is_lone(entry: Entry, negatives: Sequence[KeptKind]) -> bool:
    prose = any(kind.kind == OTHER and kind.texts.sizes for kind in negatives)
    return bool(entry.passages and not entry.questions) and not prose
