"""Collects patterns, then makes the table of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.key import subkey
from index.pattern_table import NEAR, Arrays, Owners, PatternTable, near_units, stored_hashes
from index.rolling import Hashes, WordHash

NONE = np.empty(0, dtype=np.uint64)

Innocent = Mapping[int, Hashes]


class TableBuilder:
    """With `near`, the table also tells what comes near a pattern."""

    __slots__ = ("_base", "_grow", "_key", "_near", "_owners", "_whole", "reveal")

    def __init__(self, key: bytes, reveal: int, *, near: bool = False) -> None:
        self.reveal = reveal
        self._key = key
        # By length: digests of what comes near and its owners. None where nobody wants to know.
        self._near: dict[int, list[tuple[Hashes, Owners]]] | None = defaultdict(list) if near else None
        self._base = np.uint64(WordHash(key).base)
        self._grow: dict[int, list[Hashes]] = defaultdict(list)
        self._whole: dict[int, list[Hashes]] = defaultdict(list)
        self._owners: dict[int, list[Owners]] = defaultdict(list)

    def add(self, hashes: Hashes, window: int, owner: int, innocent: Innocent = MappingProxyType({})) -> int:
        """Every `window` units in a row of this sequence is a pattern of `owner`; says how many there are.

        `innocent`: by length, sorted digests of sequences that are no patterns and come near none.
        """
        count = len(hashes) - window + 1
        if window < 1 or count < 1:
            raise ValueError(f"a window of {window} units needs as many units, got {len(hashes)}")
        begun = list(self._begun(hashes, window))
        kept = ~stands_in(begun[-1], innocent.get(window, NONE))
        for length, rolled in enumerate(begun[:-1], 1):
            if length > self.reveal:
                self._grow[length].append(rolled[kept])
        self._whole[window].append(begun[-1][kept])
        self._owners[window].append(_all(owner, begun[-1][kept]))
        near = near_units(window)
        if near and self._near is not None:
            rolled = begun[near - 1][kept]
            rolled = rolled[~stands_in(rolled, innocent.get(near, NONE))]
            self._near[near].append((rolled, _all(owner, rolled)))
        return int(np.count_nonzero(kept))

    def add_many(self, patterns: Hashes, owners: Owners) -> None:
        """Each row is the pattern of one owner."""
        window = patterns.shape[1]
        rolled = np.zeros(len(patterns), dtype=np.uint64)
        for length in range(1, window + 1):
            rolled = rolled * self._base + patterns[:, length - 1]
            if self.reveal < length < window:
                self._grow[length].append(rolled)
        self._whole[window].append(rolled)
        self._owners[window].append(owners)

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
        near = tuple(sorted(self._near or ()))
        return PatternTable(Arrays(self.reveal, hashes, owners, joined, grow, whole, gate, near), self._key)

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
        hashes, owners = [NONE], [np.empty(0, dtype=np.uint32)]
        for length, parts in self._whole.items():
            hashes.append(stored_hashes(secret, length, np.concatenate(parts)))
            owners += self._owners[length]
        for length, near in (self._near or {}).items():
            hashes.append(stored_hashes(secret, length | NEAR, np.concatenate([part for part, _ in near])))
            owners += [owner for _, owner in near]
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


def _all(owner: int, digests: Hashes) -> Owners:
    return np.full(len(digests), owner, dtype=np.uint32)


def _append(filters: list[Hashes], parts: list[Hashes]) -> tuple[int, int]:
    """Put the filter of these digests behind the others; says where it lies."""
    begin = sum(map(len, filters))
    filters.append(bloom.fill(np.concatenate(parts)))
    return begin, begin + len(filters[-1])
