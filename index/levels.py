"""A snapshot of two levels: what is in force below, and what came since above it.

Rule: both lie in one folder, the lower one in a folder within. Owners, entries and portions are numbered
through both, those of the lower one first; so nobody who looks something up need know of levels.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

BELOW = "below"


def levels(folder: Path) -> tuple[Path, ...]:
    """The folders of the levels that there are, the lowest first."""
    below = folder / BELOW
    return (below, folder) if below.is_dir() else (folder,)


def mapped(folder: Path, name: str) -> NDArray[Any]:
    """Processes share one copy."""
    found: NDArray[Any] = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
    return found


class Joined(Sequence[int]):
    """Numbers of several levels, one behind the other."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Sequence[NDArray[Any]]) -> None:
        self._parts = [part.data for part in parts]

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...

    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        for part in self._parts:
            if place < len(part):
                return int(part[place])
            place -= len(part)
        raise IndexError(place)
