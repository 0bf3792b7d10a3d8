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
        # Whole rows are taken a good deal faster so than by an index.
        return np.take(rows, order_by(*(rows[name] for name in self._by)))

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


def order_by(first: NDArray[Any], *others: NDArray[Any]) -> NDArray[np.int64]:
    """How to put rows in order. Hashes are seldom equal: only where they are, the others are looked at."""
    order = np.argsort(first, kind="stable")
    ordered = first[order]
    equal = np.zeros(len(first) + 1, dtype=np.bool_)
    np.equal(ordered[1:], ordered[:-1], out=equal[1:-1])
    tied = np.flatnonzero(equal[1:] | equal[:-1])
    rows = order[tied]
    order[tied] = rows[np.lexsort([values[rows] for values in (*reversed(others), first)])]
    return order


def union(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """What stands in either, in order, once. Of numbers that lie in order the library's own takes ten times
    as long.
    """
    return _once(np.sort(np.concatenate((one, other)), kind="stable"))


def distinct(numbers: NDArray[Any]) -> NDArray[Any]:
    """In order, once. The library's own hashes them, which takes up to nine times as long."""
    return _once(np.sort(numbers))


def numbered(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The different values in order, and for each value which of these it is."""
    order = np.argsort(values)
    ordered, numbers = values[order], np.empty(len(values), dtype=np.int64)
    first = _first(ordered)
    numbers[order] = np.cumsum(first) - 1
    return ordered[first], numbers


def _once(ordered: NDArray[Any]) -> NDArray[Any]:
    return ordered[_first(ordered)]


def _first(ordered: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of them differ from the one before."""
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first
