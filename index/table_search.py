"""All patterns in a whole text at once: what a follower would find unit by unit.

The table's gate is tried at every unit in bulk, and what has passed is followed as long as it may still grow:
in bulk while it is much, one by one where it is little, because an array has a price of its own.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.pattern_table import PatternTable
from index.rolling import MASK, Hashes, digests

Starts = NDArray[np.int64]
FEW = 16
# So many units are tried at the gate one by one.
LITTLE = 14


class Found(NamedTuple):
    """A complete pattern in a text: where its first unit is, how many units it has, whose it is.

    `near`: it is only the beginning of one, and `digest` is then that of its first units that come near.
    """

    start: int
    length: int
    owner: int
    digest: int
    near: bool = False


def find(table: PatternTable, hashes: Hashes) -> list[Found]:
    """The complete patterns in a text's unit hashes and what comes near, in order."""
    if not table.lengths or len(hashes) < min(table.lengths[0], *table.near, table.longest):
        return []
    search = _Search(table, hashes)
    search.begin()
    return sorted([*search.found, *search.nearer()]) if search.found else []


def breaks_off(table: PatternTable, hashes: Hashes, least: int) -> bool:
    """Whether the text may end in a pattern that it does not complete, after `least` of its units or more."""
    digest, power = 0, 1
    last: list[int] = hashes[max(0, len(hashes) - table.longest) :].tolist()
    for length, word in enumerate(reversed(last), 1):
        digest, power = (digest + word * power) & MASK, power * table.base & MASK
        if length >= least and table.can_grow(length, digest) and _grows(table, last[-length:]):
            return True
    return False


def _grows(table: PatternTable, words: Sequence[int]) -> bool:
    """Whether a longer pattern may begin with these units, as it may with fewer of them: a filter that is
    mistaken about all of them is rare.
    """
    digest = 0
    for length, word in enumerate(words, 1):
        digest = (digest * table.base + word) & MASK
        if not table.can_grow(length, digest):
            return False
    return True


class _Search:
    def __init__(self, table: PatternTable, hashes: Hashes) -> None:
        self._table, self._hashes = table, hashes
        self._words: Sequence[int] = hashes.data
        self.found: list[Found] = []

    def begin(self) -> None:
        """Try every unit at the gate, and follow what passes."""
        gate = self._table.gate
        length = 1 if gate is None else self._table.reveal + 1
        if len(self._words) <= LITTLE:
            self._begin_little(length)
            return
        rolled = digests(self._hashes, length, self._table.base)
        starts = np.arange(len(rolled)) if gate is None else bloom.held(gate, rolled)
        if not len(starts):
            return
        rolled = rolled[starts]
        while len(starts) > FEW:
            starts, rolled = self._step(length, starts, rolled)
            length += 1
        for start, digest in zip(starts.tolist(), rolled.tolist(), strict=True):
            self._walk(start, length, digest)

    def _begin_little(self, length: int) -> None:
        words, base, gate = self._words, self._table.base, self._table.gate
        for start in range(len(words) - length + 1):
            digest = 0
            for word in words[start : start + length]:
                digest = (digest * base + word) & MASK
            if gate is None or gate.may_hold(digest):
                self._walk(start, length, digest)

    def nearer(self) -> Iterator[Found]:
        """What has come near and goes on with a window for one more unit; whose, the filter does not know."""
        for hit in self.found:
            end = hit.start + hit.length
            if hit.near and end < len(self._words):
                longer = (hit.digest * self._table.base + self._words[end]) & MASK
                if self._table.can_grow(hit.length + 1, longer):
                    yield hit._replace(length=hit.length + 1)

    def _step(self, length: int, starts: Starts, rolled: Hashes) -> tuple[Starts, Hashes]:
        """Tell what ends with this length, and take one more unit where more may follow."""
        table = self._table
        ending = bloom.may_hold(table.whole[length], rolled)
        growing = np.ones(len(starts), dtype=np.bool_)
        if length > table.reveal:
            growing = bloom.may_hold(table.grow[length], rolled)
        telling = np.flatnonzero(ending | growing if length in table.near else ending)
        for start, digest in zip(starts[telling].tolist(), rolled[telling].tolist(), strict=True):
            self._tell(start, length, digest)
        if length >= table.longest:
            return starts[:0], rolled[:0]
        going = growing & (starts + length < len(self._words))
        starts = starts[going]
        return starts, rolled[going] * np.uint64(table.base) + self._hashes[starts + length]

    def _walk(self, start: int, length: int, digest: int) -> None:
        """The same, one by one."""
        table, words = self._table, self._words
        self._tell(start, length, digest)
        while start + length < len(words) and table.can_grow(length, digest):
            digest = (digest * table.base + words[start + length]) & MASK
            length += 1
            self._tell(start, length, digest)

    def _tell(self, start: int, length: int, digest: int) -> None:
        table = self._table
        self.found += [Found(start, length, owner, digest) for owner in table.owners(length, digest)]
        if length in table.near:
            owners = table.near_owners(length, digest)
            self.found += [Found(start, length, owner, digest, near=True) for owner in owners]
