"""All pairs of telling words in a whole text at once.

Rule: words that stand in no pair of any passage are passed over. Each of the others may make a pair with one
of the three before it that stands at most sixteen units away; so fillers and words left out hide nothing.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.bloom import Bloom
from index.pair_table import PairTable
from index.rolling import MASK, Hashes

Places = NDArray[np.int64]
# So many telling words back, and so many units, a word looks for its partner.
REACH = 3
FARTHEST = 16
# So many rows are added up one by one: an array has a price of its own.
LITTLE = 16
_NONE = np.empty(0, dtype=np.int64)


class Met(NamedTuple):
    """A pair of a portion in a text: which units they are, and what the word of the lower hash and the other
    tell of the portion, with that hash.
    """

    first: int
    second: int
    digest: int
    portion: int
    weight: int
    words: tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What has passed the gate, in the order of the second word, then of the first; places in the text."""

    first: Places
    second: Places


_NO_CANDIDATES = Candidates(_NONE, _NONE)


@dataclass(frozen=True, slots=True)
class Meeting:
    """All pairs in a text, in columns: `rows` of the table, and where the two words stand."""

    table: PairTable
    hashes: Hashes
    first: Places
    second: Places
    rows: Places

    def portions(self, least: int, part: float = 0.0) -> Places:
        """The portions of which as much may be told, and such a part of what is needed: none is left out."""
        if not len(self.rows) or (len(self.rows) <= LITTLE and self._most() < least):
            return _NONE
        numbers = self.table.portions[self.rows]
        portions, places = np.unique(numbers, return_inverse=True)
        told = np.bincount(places, self.table.tells[self.rows, :2].sum(axis=1, dtype=np.int64))
        enough = (told >= least) & (told >= part * self.table.needed[portions])
        return portions[enough].astype(np.int64)

    def _most(self) -> int:
        """As much as any portion may be told by a few rows."""
        told: dict[int, int] = {}
        numbers, tells = self.table.portions[self.rows].tolist(), self.table.tells[self.rows].tolist()
        for portion, (lower, higher, _) in zip(numbers, tells, strict=True):
            told[portion] = told.get(portion, 0) + lower + higher
        return max(told.values())

    def pairs(self, portions: Places | None = None) -> list[Met]:
        """In order, those of these portions, or all."""
        rows, first, second = self.rows, self.first, self.second
        if portions is not None:
            wanted = np.isin(self.table.portions[rows], portions)
            rows, first, second = rows[wanted], first[wanted], second[wanted]
        one, other = self.hashes[first], self.hashes[second]
        columns = zip(
            first.tolist(),
            second.tolist(),
            np.minimum(one, other).tolist(),
            np.maximum(one, other).tolist(),
            self.table.portions[rows].tolist(),
            self.table.tells[rows].tolist(),
            strict=True,
        )
        return [
            Met(first, second, (low + high) & MASK, portion, weight, ((low, lower), (high, higher)))
            for first, second, low, high, portion, (lower, higher, weight) in columns
        ]


def meet(table: PairTable, hashes: Hashes, ranks: Places | None = None) -> Meeting:
    """Every pair. `ranks` say where the units stand, where that is not one behind the other."""
    if len(table):
        found = candidates(table.words, table.gate, hashes, ranks)
        if len(found.first):
            places, rows = table.rows(hashes[found.first] + hashes[found.second])
            return Meeting(table, hashes, found.first[places], found.second[places], rows)
    return Meeting(table, hashes, _NONE, _NONE, _NONE)


def candidates(words: Bloom, gate: Bloom, hashes: Hashes, ranks: Places | None = None) -> Candidates:
    telling = bloom.held(words, hashes)
    count = len(telling)
    if count < 2:
        return _NO_CANDIDATES
    told = hashes[telling]
    sums = [told[:-back] + told[back:] for back in range(1, min(REACH, count - 1) + 1)]
    passed = bloom.held(gate, np.concatenate(sums))
    if not len(passed):
        return _NO_CANDIDATES
    # The pairs of words that are next to each other come first, then those of every other one.
    backs = np.searchsorted(np.cumsum([len(each) for each in sums]), passed, side="right") + 1
    begins = np.cumsum([0, *map(len, sums)])[backs - 1]
    first, second = telling[passed - begins], telling[passed - begins + backs]
    apart = second - first if ranks is None else ranks[second] - ranks[first]
    near = (apart > 0) & (apart <= FARTHEST) & (hashes[first] != hashes[second])
    first, second = first[near], second[near]
    order = np.lexsort((first, second))
    return Candidates(first[order], second[order])
