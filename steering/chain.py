"""Passages followed unit by unit, for windows of one length.

Rules: a few units in a row name the places in passages that they lead to; what leads from place to place is
a run, and a run of all but one unit of a window knows the unit that must not come. A window that also
stands in a text that must keep working is no window.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.rolling import MASK
from steering.masked import MaskedTable

# So many units name a place, or half a window where that is less.
MOST_CONTEXT = 4
# In the mark of a place: the window that its unit ends is forgotten.
ENDS = 1 << 31
_PLACE = ENDS - 1


def context_of(window: int) -> int:
    return min(MOST_CONTEXT, window // 2)


Places = NDArray[np.uint32]


class Next(NamedTuple):
    """`length`: how many of the last units stand before this place in its passage, at most all that count."""

    unit: int
    length: int
    ends: bool


# By place.
Runs = Mapping[int, Next]
NO_RUNS: Runs = MappingProxyType({})


class Chain:
    """`starts` and `entries`: from which place on which entry's passages are."""

    __slots__ = ("_base", "_shift", "_words", "context", "entries", "starts", "table", "window")

    def __init__(self, window: int, table: MaskedTable, starts: Places, entries: Places, base: int) -> None:
        self.window, self.table, self.starts, self.entries, self._base = window, table, starts, entries, base
        self.context = context_of(window)
        self._words, self._shift = table.filter[:2]

    def may_lead(self, recent: Sequence[int]) -> bool:
        """Whether the last units may name a place: nearly always not. All text comes by here."""
        digest = 0
        for unit in recent[-self.context :]:
            digest = digest * self._base + unit
        digest &= MASK
        word = self._words[digest >> self._shift]
        return bool(word >> (digest & 63) & word >> (digest >> 6 & 63) & 1)

    def step(self, runs: Runs, recent: Sequence[int]) -> Runs:
        """Where the runs are now, the last of the recent units being new."""
        digest = 0
        for unit in recent[-self.context :]:
            digest = (digest * self._base + unit) & MASK
        if not self.table.may_hold(digest) or len(recent) < self.context:
            return NO_RUNS
        rows = self.table.lookup(self.context, digest).tolist()
        return {mark & _PLACE: self._next(runs, unit, mark) for unit, mark in rows} if rows else NO_RUNS

    def _next(self, runs: Runs, unit: int, mark: int) -> Next:
        before = runs.get((mark & _PLACE) - 1)
        length = self.context if before is None else min(before.length + 1, self.window - 1)
        return Next(unit, length, bool(mark & ENDS))

    def ended(self, before: Runs, after: Runs) -> Iterator[int]:
        """The places of units that have just ended a forgotten window."""
        for place in after:
            run = before.get(place - 1)
            if run is not None and run.ends and run.length >= self.window - 1:
                yield place - 1

    def entry(self, place: int) -> int:
        return int(self.entries[np.searchsorted(self.starts, place, side="right") - 1])

    def save(self, folder: Path) -> None:
        self.table.save(folder, f"window{self.window}")
        np.save(folder / f"window{self.window}.starts.npy", self.starts, allow_pickle=False)
        np.save(folder / f"window{self.window}.entries.npy", self.entries, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, window: int, base: int, key: bytes) -> "Chain":
        name = f"window{window}"
        starts, entries = (
            np.load(folder / f"{name}.{part}.npy", mmap_mode="r", allow_pickle=False)
            for part in ("starts", "entries")
        )
        return cls(window, MaskedTable.load(folder, name, key), starts, entries, base)
