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
# So many rows are added up one by one, and so many words tried so: an array has a price of its own.
LITTLE = 16
FEW = 12
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
        if not len(self.rows):
            return _NONE
        numbers, tells = self.table.told(self.rows)
        portions, places = np.unique(numbers, return_inverse=True)
        told = np.bincount(places, tells[:, :2].sum(axis=1, dtype=np.int64))
        enough = (told >= least) & (told >= part * self.table.needed[portions])
        return portions[enough].astype(np.int64)

    def pairs(self, portions: Places | None = None) -> list[Met]:
        """In order, those of these portions, or all."""
        first, second = self.first, self.second
        numbers, tells = self.table.told(self.rows)
        if portions is not None:
            wanted = np.isin(numbers, portions)
            numbers, tells, first, second = numbers[wanted], tells[wanted], first[wanted], second[wanted]
        one, other = self.hashes[first], self.hashes[second]
        columns = zip(
            first.tolist(),
            second.tolist(),
            np.minimum(one, other).tolist(),
            np.maximum(one, other).tolist(),
            numbers.tolist(),
            tells.tolist(),
            strict=True,
        )
        return [
            Met(first, second, (low + high) & MASK, portion, weight, ((low, lower), (high, higher)))
            for first, second, low, high, portion, (lower, higher, weight) in columns
        ]


def meet(table: PairTable, hashes: Hashes, ranks: Places | None = None, least: int = 0) -> Meeting:
    """Every pair, or none where of no portion so much may be told. `ranks` say where the units stand, where
    that is not one behind the other.
    """
    found = candidates(table.words, table.gate, hashes, ranks) if len(table) else _NO_CANDIDATES
    digests = hashes[found.first] + hashes[found.second]
    if not len(digests) or (least and len(digests) <= LITTLE and _most(table, digests) < least):
        return Meeting(table, hashes, _NONE, _NONE, _NONE)
    places, rows = table.rows(digests)
    return Meeting(table, hashes, found.first[places], found.second[places], rows)


def _most(table: PairTable, digests: Hashes) -> int:
    """As much as a few pairs may tell of any portion."""
    told: dict[int, int] = {}
    for digest in digests.tolist():
        for portion, lower, higher, _ in table.pairs(digest):
            told[portion] = told.get(portion, 0) + lower + higher
    return max(told.values(), default=0)


def candidates(words: Bloom, gate: Bloom, hashes: Hashes, ranks: Places | None = None) -> Candidates:
    telling = bloom.held(words, hashes)
    if len(telling) < 2:
        return _NO_CANDIDATES
    first, second = _few(gate, hashes, telling) if len(telling) <= FEW else _many(gate, hashes, telling)
    if not len(first):
        return _NO_CANDIDATES
    apart = second - first if ranks is None else ranks[second] - ranks[first]
    near = (apart > 0) & (apart <= FARTHEST) & (hashes[first] != hashes[second])
    first, second = first[near], second[near]
    order = np.lexsort((first, second))
    return Candidates(first[order], second[order])


def _few(gate: Bloom, hashes: Hashes, telling: Places) -> tuple[Places, Places]:
    """What passes the gate of some telling words, one by one."""
    places, told, found = telling.tolist(), hashes[telling].tolist(), []
    for place, word in enumerate(told):
        for before in range(max(0, place - REACH), place):
            if gate.may_hold(word + told[before] & MASK):
                found.append((places[before], places[place]))
    columns = np.array(found, dtype=np.int64).reshape(-1, 2)
    return columns[:, 0], columns[:, 1]


def _many(gate: Bloom, hashes: Hashes, telling: Places) -> tuple[Places, Places]:
    """The same in bulk."""
    told = hashes[telling]
    backs = range(1, REACH + 1)
    passed = [bloom.held(gate, told[:-back] + told[back:]) for back in backs]
    seconds = [found + back for found, back in zip(passed, backs, strict=True)]
    return telling[np.concatenate(passed)], telling[np.concatenate(seconds)]
