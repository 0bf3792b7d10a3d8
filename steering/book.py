"""All that is forgotten as an engine holds it: how to follow it through units and digits.

Rule: a sight is what the text said so far may still become; a new one is made with every unit, none is
changed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.rolling import MASK, WordHash
from steering import paths
from steering.chain import NO_RUNS, Chain, Runs
from steering.paths import Live, Paths, Said
from steering.unit_list import UnitList

_new = tuple.__new__  # a third of the time of calling Sight
# What is known of a phrase.
NAME, STRONG, CASED = 1, 2, 4


class Window(NamedTuple):
    """A forgotten window that has been said: whose entry, by place in the list of entries."""

    entry: int
    digest: int


class Sight(NamedTuple):
    """`recent`: hashes of the last units, as many as windows can have. `runs`: one for each chain. `quiet`:
    nothing has begun. `phrases` and `windows`: what the last unit has completed.
    """

    recent: tuple[int, ...]
    live: Live
    runs: tuple[Runs, ...]
    quiet: bool = True
    phrases: Sequence[Said] = ()
    windows: Sequence[Window] = ()


@dataclass(frozen=True, slots=True)
class Phrases:
    """By number of the phrase: its entry's place, and what is known of it."""

    entries: NDArray[np.uint32]
    marks: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Book:
    """`numbers` are of entries, by place; `singles` are the texts of phrases of one unit, sorted, `firsts`
    those of the first units of all others.
    """

    numbers: tuple[int, ...]
    units: UnitList
    words: Paths
    figures: Paths
    chains: tuple[Chain, ...]
    phrases: Phrases
    word_hash: WordHash
    singles: Sequence[str]
    firsts: Sequence[str]

    no_runs: tuple[Runs, ...] = field(init=False)
    _kept: int = field(init=False)

    def __post_init__(self) -> None:
        longest = max((chain.window for chain in self.chains), default=1)
        object.__setattr__(self, "_kept", 1 - max(2, longest))
        object.__setattr__(self, "no_runs", (NO_RUNS,) * len(self.chains))

    def start(self) -> Sight:
        return Sight((), paths.NOTHING, self.no_runs)

    def advance(self, sight: Sight, unit: str, capital: bool | None) -> Sight:
        """What is in sight once this unit is closed."""
        word = self.word_hash.of(unit)
        recent = (*sight.recent[self._kept :], word)
        live = sight.live
        if live or self.words.may_begin(word):
            live = self.words.step(live, word, bool(capital) or unit.upper() == unit)
        for chain in self.chains:
            if chain.may_lead(recent):
                return self._loud(sight, recent, live)
        if not live:
            # What nearly every unit comes to.
            return _new(Sight, (recent, live, self.no_runs, True, (), ()))
        return _new(Sight, (recent, live, self.no_runs, False, _completed(live), ()))

    def _loud(self, sight: Sight, recent: tuple[int, ...], live: Live) -> Sight:
        """Where the last units may name a place in a passage."""
        runs = tuple(chain.step(run, recent) for chain, run in zip(self.chains, sight.runs, strict=True))
        windows = list(self._windows(sight.runs, runs, recent))
        quiet = not live and all(run is NO_RUNS for run in runs)
        return Sight(recent, live, runs, quiet, _completed(live), windows)

    def _windows(
        self, before: Sequence[Runs], after: Sequence[Runs], recent: Sequence[int]
    ) -> Iterator[Window]:
        for chain, was, now in zip(self.chains, before, after, strict=True):
            if was is not NO_RUNS and now is not NO_RUNS:
                entries = set(chain.ended(was, now).tolist())
                digest = self.digest(recent[-chain.window :]) if entries else 0
                yield from (Window(entry, digest) for entry in entries)

    def digest(self, words: Sequence[int]) -> int:
        digest = 0
        for word in words:
            digest = (digest * self.word_hash.base + word) & MASK
        return digest

    def step_figures(self, live: Live, figures: str) -> tuple[Live, list[Said]]:
        """The same for the digits of a token; a space ends a run."""
        said: list[Said] = []
        for figure in figures:
            if figure == " ":
                live = paths.NOTHING
                continue
            live = self.figures.step(live, self.word_hash.of(figure), True)
            said += [one for begun in live for one in begun.completed()]
        return live, said


def _completed(live: Live) -> list[Said]:
    return [said for begun in live for said in begun.completed()]
