"""Passages followed unit by unit, for windows of one length.

Rules: a few units in a row name the places in passages that they lead to; what leads from place to place is
a run, and a run of all but one unit of a window knows the unit that must not come. A window that also
stands in a text that must keep working is no window.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.rolling import MASK
from steering.masked import MaskedTable

# So many units name a place, or half a window where that is less.
MOST_CONTEXT = 4
# Of so many beginnings the runs are kept, where they are not at more places than this.
MOST_KEPT, MOST_PLACES = 4096, 64
# In the mark of a place: the window that its unit ends is forgotten.
ENDS = 1 << 31
_PLACE = ENDS - 1


def context_of(window: int) -> int:
    return min(MOST_CONTEXT, window // 2)


Places = NDArray[np.uint32]


class Runs(NamedTuple):
    """Places in passages, sorted, the unit at each, and whether a forgotten window ends with it. `lengths`:
    how many of the last units stand before it in its passage, at most all that count; `longest` of them.
    """

    places: NDArray[np.int64]
    units: Places
    ends: NDArray[np.bool_]
    lengths: NDArray[np.int64]
    longest: int


NO_RUNS = Runs(np.empty(0, np.int64), np.empty(0, np.uint32), np.empty(0, np.bool_), np.empty(0, np.int64), 0)


class Chain:
    """`starts` and `entries`: from which place on which entry's passages are."""

    __slots__ = ("_base", "_begun", "_shift", "_words", "context", "entries", "starts", "table", "window")

    def __init__(self, window: int, table: MaskedTable, starts: Places, entries: Places, base: int) -> None:
        self.window, self.table, self._base = window, table, base
        self.starts, self.entries = np.asarray(starts), np.asarray(entries)
        self.context = context_of(window)
        self._words, self._shift = table.filter[:2]
        self._begun: dict[int, Runs] = {}

    def may_lead(self, recent: Sequence[int]) -> bool:
        """Whether the last units may name a place: nearly always not. All text comes by here."""
        digest = 0
        for unit in recent[-self.context :]:
            digest = digest * self._base + unit
        digest &= MASK
        word = self._words[digest >> self._shift]
        return bool(word >> (digest & 63) & word >> (digest >> 6 & 63) & 1)

    def step(self, before: Runs, recent: Sequence[int]) -> Runs:
        """Where the runs are now, the last of the recent units being new."""
        digest = 0
        for unit in recent[-self.context :]:
            digest = (digest * self._base + unit) & MASK
        if not self.table.may_hold(digest) or len(recent) < self.context:
            return NO_RUNS
        found = self._begun.get(digest)
        if found is None:
            found = self._keep(digest, self._first(self.table.lookup(self.context, digest)))
        return self._going_on(before, found) if len(before.places) and len(found.places) else found

    def _first(self, rows: Places) -> Runs:
        """Runs of as many units as name a place."""
        if not len(rows):
            return NO_RUNS
        places = (rows[:, 1] & _PLACE).astype(np.int64)
        if len(places) > 1:
            order = np.argsort(places)
            places, rows = places[order], rows[order]
        lengths = np.full(len(places), self.context)
        return Runs(places, rows[:, 0], (rows[:, 1] & ENDS) != 0, lengths, self.context)

    def _going_on(self, before: Runs, found: Runs) -> Runs:
        """The same places, with what led to the places before them."""
        at = np.minimum(np.searchsorted(before.places, found.places - 1), len(before.places) - 1)
        goes_on = before.places[at] == found.places - 1
        lengths = found.lengths.copy()
        lengths[goes_on] = np.minimum(before.lengths[at[goes_on]] + 1, self.window - 1)
        return Runs(found.places, found.units, found.ends, lengths, int(lengths.max()))

    def _keep(self, digest: int, found: Runs) -> Runs:
        """Words that are common lead to the same places again and again."""
        if len(found.places) <= MOST_PLACES:
            if len(self._begun) >= MOST_KEPT:
                self._begun.clear()
            self._begun[digest] = found
        return found

    def ending(self, runs: Runs) -> NDArray[np.bool_]:
        """The runs of which the next unit would end a forgotten window."""
        ending: NDArray[np.bool_] = runs.ends & (runs.lengths >= self.window - 1)
        return ending

    def ended(self, before: Runs, after: Runs) -> NDArray[np.uint32]:
        """The entries of the windows that the last unit has ended."""
        places = before.places[self.ending(before)]
        return self.owners(places[np.isin(places + 1, after.places)])

    def owners(self, places: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Whose passages these places are in."""
        found: NDArray[np.uint32] = self.entries[np.searchsorted(self.starts, places, side="right") - 1]
        return found

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
