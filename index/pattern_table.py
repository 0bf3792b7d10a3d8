"""Forgotten unit sequences, searchable while they stream by, and unreadable.

Complete patterns are an exact set: a sorted array of a keyed hash of their rolling digest, with the
owner of each. What may still grow into a pattern, and what may be one, is told by a Bloom filter per
length, so that the exact set is asked only about near-certain hits. A false positive of a filter can
only make a stream wait for one more word. Nothing here can be read or made without the key: digests are
keyed, the set holds keyed hashes of digests (so that those of neighbouring windows are unrelated), the
filters hold bits.

The first n - 2 units of a window of n, but at least four, come near it. The exact set holds those beginnings
too, marked, where a table was built to tell.
"""

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import blake2b
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.key import subkey
from index.levels import levels, mapped
from index.rolling import Hashes, WordHash

Owners = NDArray[np.uint32]


# Marks the stored hash of what comes near, which is no pattern.
NEAR = 1 << 15
_LEAST_NEAR = 4


def near_units(window: int) -> int:
    """How many first units of a window come near it; 0 where it is too short for that."""
    least = max(_LEAST_NEAR, window - 2)
    return least if least < window else 0


@dataclass(frozen=True, slots=True)
class Arrays:
    """What a table is made of and stored as.

    `grow` and `whole` say where in `filters` the filter of a length lies; `gate` where that of the first
    `reveal` + 1 units of all patterns does. `near`: the lengths of what comes near a pattern.
    """

    reveal: int
    hashes: Hashes
    owners: Owners
    filters: Hashes
    grow: dict[int, tuple[int, int]]
    whole: dict[int, tuple[int, int]]
    gate: tuple[int, int]
    near: tuple[int, ...] = ()

    def filter(self, place: tuple[int, int]) -> Hashes:
        return self.filters[place[0] : place[1]]

    def filters_of(self, places: Mapping[int, tuple[int, int]]) -> dict[int, bloom.Bloom]:
        return {length: bloom.of(self.filter(place)) for length, place in places.items()}

    def growing(self) -> dict[int, bloom.Bloom]:
        """Where nothing is told of a length, anything may go on: a longer one tells."""
        untold = range(self.reveal + 1, max(self.whole, default=0))
        return {length: bloom.full() for length in untold} | self.filters_of(self.grow)


class PatternTable:
    """Immutable. `reveal`: how many units of a pattern need not be held back. Of several levels each holds
    some of the patterns, in the order of their owners.
    """

    __slots__ = (
        "_secret",
        "_sets",
        "base",
        "gate",
        "grow",
        "lengths",
        "levels",
        "longest",
        "near",
        "powers",
        "reveal",
        "whole",
    )

    def __init__(self, lowest: Arrays, key: bytes, *above: Arrays) -> None:
        self.levels = levels = (lowest, *above)
        self._secret = subkey(key, "patterns")
        self.base = WordHash(key).base
        self._sets = [(level.hashes.data, level.owners) for level in levels if len(level.hashes)]
        self.reveal = lowest.reveal
        self.near = tuple(sorted({length for level in levels for length in level.near}))
        self.lengths = tuple(sorted({length for level in levels for length in level.whole}))
        self.longest = max(self.lengths, default=0)
        self.powers = [pow(self.base, n, 1 << 64) for n in range(self.longest + 1)]
        self.grow = self._blooms([level.growing() for level in levels])
        self.whole = self._blooms([level.filters_of(level.whole) for level in levels])
        # No unit of a pattern need be kept back, nor can it be whole or near, before it has passed the gate.
        first = min((*self.lengths, *self.near), default=0)
        gates = [bloom.of(level.filter(level.gate)) for level in levels if level.whole]
        self.gate = reduce(bloom.both, gates) if first > self.reveal else None

    def _blooms(self, levels: Sequence[Mapping[int, bloom.Bloom]]) -> list[bloom.Bloom]:
        """A filter for each length from 0, one that holds nothing where there is none."""
        found = ([level[length] for level in levels if length in level] for length in range(self.longest + 1))
        return [reduce(bloom.both, filters) if filters else bloom.empty() for filters in found]

    def __len__(self) -> int:
        """How many pairs of pattern and owner there are."""
        return sum(len(hashes) for hashes, _ in self._sets)

    def can_grow(self, length: int, digest: int) -> bool:
        """Whether a pattern longer than `length` may begin with these units. True up to `reveal` units."""
        if length >= self.longest:
            return False
        return length <= self.reveal or self.grow[length].may_hold(digest)

    def owners(self, length: int, digest: int) -> Sequence[int]:
        """Whose whole pattern these units are: exact, empty for nearly everything."""
        if length > self.longest or not self.whole[length].may_hold(digest):
            return ()
        return self._stored(stored_hash(self._secret, length, digest))

    def near_owners(self, length: int, digest: int) -> Sequence[int]:
        """Whose pattern these units come near to, being its beginning; `length` is one of `near`."""
        if not self.can_grow(length, digest):
            return ()
        return self._stored(stored_hash(self._secret, length | NEAR, digest))

    def _stored(self, stored: int) -> Sequence[int]:
        found: list[int] = []
        for hashes, owners in self._sets:
            place = bisect_left(hashes, stored)
            while place < len(hashes) and hashes[place] == stored:
                found.append(int(owners[place]))
                place += 1
        return found

    @classmethod
    def load(cls, folder: Path, name: str, key: bytes) -> "PatternTable":
        """Memory-mapped: all processes of a machine share one copy."""
        lowest, *above = (_load(level, name) for level in levels(folder))
        return cls(lowest, key, *above)


PARTS = ("hashes", "owners", "filters")


def _load(folder: Path, name: str) -> Arrays:
    shape = (folder / f"{name}.json").read_text(encoding="ascii")
    return read_arrays(shape, *(mapped(folder, f"{name}.{part}") for part in PARTS))


def read_arrays(page: str, hashes: Hashes, owners: Owners, filters: Hashes) -> Arrays:
    """`page`: what the table says of itself."""
    shape = json.loads(page)
    grow, whole = (
        {int(length): (int(first), int(last)) for length, (first, last) in shape[part].items()}
        for part in ("grow", "whole")
    )
    first, last = shape["gate"]
    gate, near = (int(first), int(last)), tuple(map(int, shape["near"]))
    return Arrays(int(shape["reveal"]), hashes, owners, filters, grow, whole, gate, near)


def stored_hash(secret: bytes, length: int, digest: int) -> int:
    """What the exact set holds for a digest."""
    message = digest.to_bytes(8, "little") + length.to_bytes(2, "little")
    return int.from_bytes(blake2b(message, digest_size=8, key=secret).digest(), "little")


def stored_hashes(secret: bytes, length: int, rolled: Hashes) -> Hashes:
    values = map(stored_hash, repeat(secret), repeat(length), rolled.tolist())
    return np.fromiter(values, dtype=np.uint64, count=len(rolled))
