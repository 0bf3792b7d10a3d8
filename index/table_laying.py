"""Lays the table of many parts' patterns: their filters made anew for all of them together, their exact sets
merged in order.

Law (tests/index/segment): the same table comes out however the patterns were divided into parts.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from index import bloom
from index.columns import Columns, lengths
from index.pattern_table import Arrays, read_arrays
from index.rolling import Hashes
from index.shelf import MemoryShelf, Shelf
from index.sorting import Sorter, union

_ROW = [("hash", "<u8"), ("owner", "<u4")]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part's columns. `owners`: how many owners the parts before it have."""

    columns: Columns
    owners: int


@dataclass(frozen=True, slots=True)
class _Filter:
    """The names of the columns whose digests one filter holds."""

    names: tuple[str, ...]

    def digests(self, pieces: Sequence[Piece]) -> Iterator[Hashes]:
        for piece in pieces:
            for name in self.names:
                if piece.columns.sizes.get(name):
                    yield piece.columns[name]

    def count(self, pieces: Sequence[Piece]) -> int:
        return sum(piece.columns.sizes.get(name, 0) for piece in pieces for name in self.names)


def lay_table(name: str, pieces: Sequence[Piece], shelf: Shelf, reveal: int, few: int = 0) -> None:
    """`few`: up to this length there are few different beginnings, and each is counted once."""
    grow, whole = (_by_length(name, part, pieces) for part in ("grow", "whole"))
    places: dict[tuple[str, int], int] = {}
    filters: list[tuple[_Filter, bool]] = []
    for part, by_length in (("grow", grow), ("whole", whole)):
        for length, one in sorted(by_length.items()):
            places[part, length] = len(filters)
            filters.append((one, part == "grow" and length <= few))
    first = reveal + 1
    gate = places.get(("grow", first), places.get(("whole", first)))
    if first in grow and first in whole:
        gate = len(filters)
        filters.append((_Filter((*grow[first].names, *whole[first].names)), False))
    laid = _lay_filters(name, filters, pieces, shelf)
    _lay_exact(name, pieces, shelf)
    shape = {
        "reveal": reveal,
        "grow": {length: laid[places["grow", length]] for length in sorted(grow)},
        "whole": {length: laid[places["whole", length]] for length in sorted(whole)},
        "gate": (0, 0) if gate is None else laid[gate],
        "near": sorted({int(length) for piece in pieces for length in piece.columns[f"{name}.near"]}),
    }
    shelf.note(f"{name}.json", json.dumps(shape))


def shelved(shelf: MemoryShelf, name: str) -> Arrays:
    hashes, owners, filters = (shelf[f"{name}.{part}"] for part in ("hashes", "owners", "filters"))
    return read_arrays(shelf.notes[f"{name}.json"], hashes, owners, filters)


def _by_length(name: str, part: str, pieces: Sequence[Piece]) -> dict[int, _Filter]:
    found = Counter[int]()
    for piece in pieces:
        found.update(dict(lengths(piece.columns, f"{name}.{part}.")))
    return {length: _Filter((f"{name}.{part}.{length}",)) for length in found}


def _lay_filters(
    name: str, filters: Sequence[tuple[_Filter, bool]], pieces: Sequence[Piece], shelf: Shelf
) -> list[tuple[int, int]]:
    """Where each filter lies in the array of all."""
    once = {place: _once(one.digests(pieces)) for place, (one, few) in enumerate(filters) if few}
    counts = [
        len(once[place]) if place in once else one.count(pieces) for place, (one, _) in enumerate(filters)
    ]
    ends = np.cumsum([0, *map(bloom.size, counts)]).tolist()
    words = shelf.room(f"{name}.filters", ends[-1], np.uint64)
    for place, (one, _) in enumerate(filters):
        for digests in [once[place]] if place in once else one.digests(pieces):
            bloom.add(words[ends[place] : ends[place + 1]], digests)
    return list(pairwise(ends))


def _once(parts: Iterator[Hashes]) -> Hashes:
    found = np.empty(0, dtype=np.uint64)
    for digests in parts:
        found = union(found, digests)
    return found


def _lay_exact(name: str, pieces: Sequence[Piece], shelf: Shelf) -> None:
    """All pairs of stored hash and owner, once each, sorted."""
    sorter = Sorter(_ROW, ("hash", "owner"), shelf.spare)
    for piece in pieces:
        owners = piece.columns[f"{name}.owners"] + np.uint32(piece.owners)
        sorter.add(hash=piece.columns[f"{name}.hashes"], owner=owners)
    for rows in sorter.sorted():
        new = np.ones(len(rows), dtype=np.bool_)
        new[1:] = (rows["hash"][1:] != rows["hash"][:-1]) | (rows["owner"][1:] != rows["owner"][:-1])
        shelf.append(f"{name}.hashes", rows["hash"][new])
        shelf.append(f"{name}.owners", rows["owner"][new])
