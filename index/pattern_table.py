"""Forgotten unit sequences, searchable while they stream by, and unreadable.

Complete patterns are an exact set: a sorted array of a keyed hash of their rolling digest, with the
owner of each. What may still grow into a pattern, and what may be one, is told by a Bloom filter per
length, so that the exact set is asked only about near-certain hits. A false positive of a filter can
only make a stream wait for one more word. Nothing here can be read or made without the key: digests are
keyed, the set holds keyed hashes of digests (so that those of neighbouring windows are unrelated), the
filters hold bits.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.key import subkey
from index.rolling import Hashes, Roller, WordHash, digests

Owners = NDArray[np.uint32]


class Found(NamedTuple):
    """A complete pattern in a text: where its first unit is, how many units it has, whose it is."""

    start: int
    length: int
    owner: int
    digest: int


@dataclass(frozen=True, slots=True)
class Arrays:
    """What a table is made of and stored as.

    `grow` and `whole` say where in `filters` the filter of a length lies; `gate` where that of the first
    `reveal` + 1 units of all patterns does.
    """

    reveal: int
    hashes: Hashes
    owners: Owners
    filters: Hashes
    grow: dict[int, tuple[int, int]]
    whole: dict[int, tuple[int, int]]
    gate: tuple[int, int]

    def filter(self, place: tuple[int, int]) -> Hashes:
        return self.filters[place[0] : place[1]]


class PatternTable:
    """Immutable. `reveal`: how many units of a pattern need not be held back."""

    __slots__ = (
        "_arrays", "_hashes", "_secret", "base", "gate", "grow", "lengths", "longest", "reveal", "whole",
    )  # fmt: skip

    def __init__(self, arrays: Arrays, key: bytes) -> None:
        self._arrays = arrays
        self._secret = subkey(key, "patterns")
        self.base = WordHash(key).base
        self._hashes = arrays.hashes.data
        self.reveal = arrays.reveal
        self.lengths = tuple(sorted(arrays.whole))
        self.longest = max(self.lengths, default=0)
        self.grow = self._blooms(arrays.grow)
        self.whole = self._blooms(arrays.whole)
        # None of a pattern's units need be kept back, nor can it be whole, before it has passed the gate.
        self.gate = (
            bloom.of(arrays.filter(arrays.gate)) if min(self.lengths, default=0) > self.reveal else None
        )

    def _blooms(self, places: dict[int, tuple[int, int]]) -> tuple[bloom.Bloom, ...]:
        """A filter for each length from 0, one that holds nothing where there is none."""
        named = {length: bloom.of(self._arrays.filter(place)) for length, place in places.items()}
        return tuple(named.get(length) or bloom.empty() for length in range(self.longest + 1))

    def __len__(self) -> int:
        """How many pairs of pattern and owner there are."""
        return len(self._arrays.hashes)

    def roller(self) -> Roller:
        """A roller whose digests this table knows."""
        return Roller(self.base, self.longest)

    def can_grow(self, length: int, digest: int) -> bool:
        """Whether a pattern longer than `length` may begin with these units. True up to `reveal` units."""
        if length >= self.longest:
            return False
        return length <= self.reveal or self.grow[length].may_hold(digest)

    def owners(self, length: int, digest: int) -> Sequence[int]:
        """Whose whole pattern these units are: exact, empty for nearly everything."""
        if length > self.longest or not self.whole[length].may_hold(digest):
            return ()
        stored, hashes = stored_hash(self._secret, length, digest), self._hashes
        place = bisect_left(hashes, stored)
        found = []
        while place < len(hashes) and hashes[place] == stored:
            found.append(int(self._arrays.owners[place]))
            place += 1
        return found

    def find(self, hashes: Hashes) -> list[Found]:
        """All complete patterns in a whole text's unit hashes, by start, then length, then owner."""
        found = [hit for length in self.lengths for hit in self._find(hashes, length)]
        return sorted(found)

    def _find(self, hashes: Hashes, length: int) -> Iterable[Found]:
        rolled = digests(hashes, length, self.base)
        words = self._arrays.filter(self._arrays.whole[length])
        places = np.flatnonzero(bloom.may_hold(words, rolled))
        if not len(places):
            return
        stored = stored_hashes(self._secret, length, rolled[places])
        begins = np.searchsorted(self._arrays.hashes, stored, "left")
        ends = np.searchsorted(self._arrays.hashes, stored, "right")
        for start, begin, end in zip(places.tolist(), begins.tolist(), ends.tolist(), strict=True):
            for owner in self._arrays.owners[begin:end].tolist():
                yield Found(start, length, owner, int(rolled[start]))

    def save(self, folder: Path, name: str) -> None:
        """Three arrays and a page that says what they are."""
        arrays = self._arrays
        parts: tuple[NDArray[Any], ...] = (arrays.hashes, arrays.owners, arrays.filters)
        for part, array in zip(PARTS, parts, strict=True):
            np.save(folder / f"{name}.{part}.npy", array, allow_pickle=False)
        shape = {"reveal": arrays.reveal, "grow": arrays.grow, "whole": arrays.whole, "gate": arrays.gate}
        (folder / f"{name}.json").write_text(json.dumps(shape), encoding="ascii")

    @classmethod
    def load(cls, folder: Path, name: str, key: bytes) -> "PatternTable":
        """Memory-mapped: all processes of a machine share one copy."""
        shape = json.loads((folder / f"{name}.json").read_text(encoding="ascii"))
        hashes, owners, filters = (
            np.load(folder / f"{name}.{part}.npy", mmap_mode="r", allow_pickle=False) for part in PARTS
        )
        grow, whole = (
            {int(length): (int(first), int(last)) for length, (first, last) in shape[part].items()}
            for part in ("grow", "whole")
        )
        first, last = shape["gate"]
        return cls(Arrays(int(shape["reveal"]), hashes, owners, filters, grow, whole, (first, last)), key)


PARTS = ("hashes", "owners", "filters")


def stored_hash(secret: bytes, length: int, digest: int) -> int:
    """What the exact set holds for a digest."""
    message = digest.to_bytes(8, "little") + length.to_bytes(2, "little")
    return int.from_bytes(blake2b(message, digest_size=8, key=secret).digest(), "little")


def stored_hashes(secret: bytes, length: int, rolled: Hashes) -> Hashes:
    values = map(stored_hash, repeat(secret), repeat(length), rolled.tolist())
    return np.fromiter(values, dtype=np.uint64, count=len(rolled))


class TableBuilder:
    """Collects patterns, then makes the table."""

    __slots__ = ("_base", "_grow", "_key", "_owners", "_whole", "reveal")

    def __init__(self, key: bytes, reveal: int) -> None:
        self.reveal = reveal
        self._key = key
        self._base = np.uint64(WordHash(key).base)
        self._grow: dict[int, list[Hashes]] = defaultdict(list)
        self._whole: dict[int, list[Hashes]] = defaultdict(list)
        self._owners: dict[int, list[Owners]] = defaultdict(list)

    def add(self, hashes: Hashes, window: int, owner: int, innocent: Hashes | None = None) -> int:
        """Every `window` units in a row of this sequence is a pattern of `owner`; says how many there are.

        `innocent`: sorted digests of sequences of that length that are no patterns.
        """
        count = len(hashes) - window + 1
        if window < 1 or count < 1:
            raise ValueError(f"a window of {window} units needs as many units, got {len(hashes)}")
        begun = list(self._begun(hashes, window))
        kept = np.ones(count, dtype=np.bool_) if innocent is None else ~stands_in(begun[-1], innocent)
        for length, rolled in enumerate(begun[:-1], 1):
            if length > self.reveal:
                self._grow[length].append(rolled[kept])
        self._whole[window].append(begun[-1][kept])
        self._owners[window].append(np.full(np.count_nonzero(kept), owner, dtype=np.uint32))
        return int(np.count_nonzero(kept))

    def _begun(self, hashes: Hashes, window: int) -> Iterator[Hashes]:
        """For each length up to `window` the digests of how every window begins."""
        count = len(hashes) - window + 1
        rolled = hashes[:count].copy()
        yield rolled.copy()
        for length in range(1, window):
            rolled *= self._base
            rolled += hashes[length : length + count]
            yield rolled.copy()

    def build(self) -> PatternTable:
        filters: list[Hashes] = []
        grow = {length: _append(filters, parts) for length, parts in sorted(self._grow.items())}
        whole = {length: _append(filters, parts) for length, parts in sorted(self._whole.items())}
        gate = self._gate(filters, grow, whole)
        hashes, owners = self._exact()
        joined = np.concatenate(filters) if filters else np.empty(0, dtype=np.uint64)
        return PatternTable(Arrays(self.reveal, hashes, owners, joined, grow, whole, gate), self._key)

    def _gate(
        self, filters: list[Hashes], grow: dict[int, tuple[int, int]], whole: dict[int, tuple[int, int]]
    ) -> tuple[int, int]:
        """A filter of its own only where patterns of that length end and others go on."""
        length = self.reveal + 1
        if length in grow and length in whole:
            return _append(filters, self._grow[length] + self._whole[length])
        return grow.get(length) or whole.get(length) or (0, 0)

    def _exact(self) -> tuple[Hashes, Owners]:
        """All pairs of stored hash and owner, once each, sorted."""
        secret = subkey(self._key, "patterns")
        hashes, owners = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.uint32)]
        for length, parts in self._whole.items():
            hashes.append(stored_hashes(secret, length, np.concatenate(parts)))
            owners += self._owners[length]
        hash_of, owner_of = np.concatenate(hashes), np.concatenate(owners)
        order = np.lexsort((owner_of, hash_of))
        hash_of, owner_of = hash_of[order], owner_of[order]
        new = np.ones(len(order), dtype=np.bool_)
        new[1:] = (hash_of[1:] != hash_of[:-1]) | (owner_of[1:] != owner_of[:-1])
        return hash_of[new], owner_of[new]


def stands_in(values: Hashes, ordered: Hashes) -> NDArray[np.bool_]:
    """Which of the values are among the sorted ones."""
    if not len(ordered):
        return np.zeros(len(values), dtype=np.bool_)
    places = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    found: NDArray[np.bool_] = np.equal(ordered[places], values)
    return found


def _append(filters: list[Hashes], parts: list[Hashes]) -> tuple[int, int]:
    """Put the filter of these digests behind the others; says where it lies."""
    begin = sum(map(len, filters))
    filters.append(bloom.fill(np.concatenate(parts)))
    return begin, begin + len(filters[-1])
