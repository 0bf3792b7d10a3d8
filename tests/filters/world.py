"""Forgotten things for tests, as the scanners see them and as brute force does."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast

import numpy as np

from filters.forgotten import Forgotten
from index.anchors import Anchors, build_anchors, is_anchor
from index.bloom import Bloom, empty
from index.letters import LetterTable
from index.letters_build import LetterBuilder
from index.manifest import Manifest
from index.names import DETECTORS, FACT_COLUMNS
from index.pair_builder import PairBuilder
from index.pair_table import PairTable
from index.pattern_table import PatternTable
from index.rolling import WordHash
from index.snapshot import Snapshot, SnapshotEntry
from index.table_builder import TableBuilder
from index.units import Unit, digits, units
from policy.entry import Reason
from policy.finding import Detector

KEY = bytes(range(32))
HASH = WordHash(KEY)


@dataclass(frozen=True, slots=True)
class Said:
    """A phrase: a name or a secret of the entry at `entry`."""

    entry: int
    detector: Detector
    text: str
    bits: float = 30
    cased: bool = False
    apart: int = 48
    fact: int = 0

    @property
    def numeric(self) -> bool:
        return self.text.isdecimal()

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(unit.text for unit in (digits(self.text) if self.numeric else units(self.text)))


@dataclass(frozen=True, slots=True)
class World:
    """`passages` are pairs of an entry's place and a text."""

    passages: tuple[tuple[int, str], ...] = ()
    phrases: tuple[Said, ...] = ()
    window: int = 8
    reveal: int = 2
    share: float | None = None
    entries: tuple[str, ...] = ("first", "second")
    models: dict[int, tuple[str, ...]] = field(default_factory=dict)
    start: datetime | None = None

    def windows(self) -> list[tuple[int, tuple[str, ...]]]:
        """Every window with its entry's place, in plain words."""
        found = []
        for entry, text in self.passages:
            words = tuple(unit.text for unit in units(text))
            size = min(self.window, len(words))
            found += [(entry, words[place : place + size]) for place in range(len(words) - size + 1) if size]
        return found

    def snapshot(self) -> Snapshot:
        windows = self.windows()
        numbers = [said if said.numeric else None for said in self.phrases]
        words = [None if said.numeric else said for said in self.phrases]
        counts = [sum(entry == place for entry, _ in windows) for place in range(len(self.entries))]
        return Snapshot(
            Path(),
            cast(Manifest, None),
            tuple(self._entry(place, counts[place]) for place in range(len(self.entries))),
            _table([words for _, words in windows], self.reveal, near=True),
            _table([said.words if said else () for said in words], 0),
            _table([said.words if said else () for said in numbers], 0),
            self._letters(),
            self._pairs(),
            HASH,
            tuple(entry for entry, _ in windows),
            np.array(list(map(_facts, self.phrases)), dtype=np.uint32).reshape(-1, FACT_COLUMNS),
            anchors=self._anchors(),
        )

    def _anchors(self) -> Anchors:
        said = [word for one in self.phrases if not one.numeric for word in one.words if is_anchor(word, 3)]
        read = [unit.text for _, text in self.passages for unit in units(text) if is_anchor(unit.text, 6)]
        return build_anchors([*said, *read], KEY, [*said, *read])

    def forgotten(self) -> Forgotten:
        return Forgotten(self.snapshot(), frozenset(range(len(self.entries))))

    def _pairs(self) -> PairTable:
        if self.share is None:
            return PairTable.empty()
        builder = PairBuilder(KEY, self.share)
        for entry, text in self.passages:
            words = [unit.text for unit in units(text)]
            builder.add(words, entry)
        return builder.build()

    def _letters(self) -> LetterTable:
        builder, owner = LetterBuilder(KEY), 0
        for place, said in enumerate(self.phrases):
            if said.words:
                builder.phrase(place, said.words, name=said.detector is Detector.NAME)
        for _, text in self.passages:
            words = tuple(unit.text for unit in units(text))
            size = min(self.window, len(words))
            if words:
                builder.passage(owner, words, size)
                owner += len(words) - size + 1
        return builder.build()

    def _entry(self, place: int, windows: int) -> SnapshotEntry:
        models = self.models.get(place, ("*",))
        return SnapshotEntry(
            self.entries[place],
            Reason.OTHER,
            models,
            ("*",),
            self.start,
            None,
            windows,
            names=1,
            secrets=1,
            vectors=0,
        )


def _facts(said: Said) -> tuple[int, ...]:
    kind, fact = DETECTORS.index(said.detector), said.fact or zlib.crc32(said.text.encode())
    return said.entry, kind, int(said.bits), int(said.cased), 0, said.apart, fact


def _table(patterns: Sequence[tuple[str, ...]], reveal: int, *, near: bool = False) -> PatternTable:
    builder = TableBuilder(KEY, reveal, near=near)
    for owner, words in enumerate(patterns):
        if words:
            builder.add(HASH.many(words), len(words), owner)
    return builder.build()


class ExactFilter(Bloom):
    """A filter without false positives: it looks up what it was given."""

    known: frozenset[int]

    def may_hold(self, digest: int) -> bool:
        return digest in self.known


class ExactTable(PatternTable):
    """A table without false positives, so that a test can ask for the least hold exactly."""

    def __init__(self, patterns: Sequence[tuple[str, ...]], reveal: int) -> None:
        super().__init__(_table(patterns, reveal).levels[0], KEY)
        prefixes = {prefix for words in patterns for prefix in _prefixes(words)}
        self.grow = [_exact(prefixes, length) for length in range(self.longest + 1)]


def _exact(prefixes: set[tuple[int, int]], length: int) -> ExactFilter:
    made = ExactFilter(*empty())
    made.known = frozenset(digest for size, digest in prefixes if size == length)
    return made


def _prefixes(words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    total = 0
    for length, word in enumerate(words[:-1], 1):
        total = (total * HASH.base + HASH(word)) & (2**64 - 1)
        yield length, total


def occurrences(words: Sequence[Unit], pattern: tuple[str, ...]) -> list[int]:
    """Where the pattern begins, by trying every place."""
    texts = [unit.text for unit in words]
    return [
        place
        for place in range(len(texts) - len(pattern) + 1)
        if pattern and tuple(texts[place : place + len(pattern)]) == pattern
    ]


def leaks(world: World, text: str) -> list[tuple[str, ...]]:
    """The whole windows and strong phrases that a text contains."""
    words, figures = units(text), digits(text)
    found = [window for _, window in world.windows() if occurrences(words, window)]
    strong = [said for said in world.phrases if said.bits >= 30 and not said.cased]
    return found + [
        said.words for said in strong if occurrences(figures if said.numeric else words, said.words)
    ]
