"""Rows sorted by a keyed hash, more of them than memory holds.

Rule: hashes are spread evenly, so rows are put down by the first byte of theirs, and each heap is sorted by
itself. Few rows never leave the memory.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Rows = NDArray[Any]
HEAPS = 256
MOST_ROWS = 1 << 22


class Sorter:
    """`dtype` has a field `hash`, by which rows come back in order, then by the other fields in `by`.

    Without a folder all stays in memory.
    """

    __slots__ = ("_by", "_dtype", "_folder", "_held", "_rows", "_spilled")

    def __init__(self, dtype: DTypeLike, by: tuple[str, ...], folder: Path | None = None) -> None:
        self._dtype, self._by = np.dtype(dtype), by
        self._folder = folder
        self._held: list[Rows] = []
        self._rows = 0
        self._spilled = False

    def add(self, **fields: NDArray[Any]) -> None:
        rows = np.empty(len(fields["hash"]), dtype=self._dtype)
        for name, values in fields.items():
            rows[name] = values
        self._held.append(rows)
        self._rows += len(rows)
        if self._folder is not None and self._rows >= MOST_ROWS:
            self._spill(self._folder)

    def sorted(self) -> Iterator[Rows]:
        """All rows with the same hash come in one piece."""
        if self._folder is None or not self._spilled:
            yield self._ordered(self._taken())
            return
        self._spill(self._folder)
        for heap in range(HEAPS):
            path = self._heap(self._folder, heap)
            if path.exists():
                rows = np.fromfile(path, dtype=self._dtype)
                path.unlink()
                yield self._ordered(rows)

    def _taken(self) -> Rows:
        rows = np.concatenate([np.empty(0, dtype=self._dtype), *self._held])
        self._held, self._rows = [], 0
        return rows

    def _ordered(self, rows: Rows) -> Rows:
        ordered: Rows = rows[np.lexsort([rows[name] for name in reversed(self._by)])]
        return ordered

    def _spill(self, folder: Path) -> None:
        rows = self._taken()
        heaps = (rows["hash"] >> np.uint64(56)).astype(np.uint8)
        rows = rows[np.argsort(heaps, kind="stable")]
        ends = np.cumsum(np.bincount(heaps, minlength=HEAPS)).tolist()
        for heap, (first, last) in enumerate(zip([0, *ends], ends, strict=False)):
            if last > first:
                with self._heap(folder, heap).open("ab") as file:
                    file.write(rows[first:last].data)
        self._spilled = True

    def _heap(self, folder: Path, heap: int) -> Path:
        return folder / f"{id(self):x}.{heap}"


def union(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """What stands in either, in order, once. Of numbers that lie in order the library's own takes ten times
    as long.
    """
    both = np.sort(np.concatenate((one, other)), kind="stable")
    first = np.ones(len(both), dtype=np.bool_)
    np.not_equal(both[1:], both[:-1], out=first[1:])
    return both[first]
