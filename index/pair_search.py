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
# So many words are tried one by one: an array has a price of its own.
LITTLE = 64


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
            return self.rows
        numbers = self.table.portions[self.rows]
        portions, places = np.unique(numbers, return_inverse=True)
        told = np.bincount(places, self.table.tells[self.rows, :2].sum(axis=1, dtype=np.int64))
        enough = (told >= least) & (told >= part * self.table.needed[portions])
        return portions[enough].astype(np.int64)

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
    none = np.empty(0, dtype=np.int64)
    if not len(table) or len(hashes) < 2:
        return Meeting(table, hashes, none, none, none)
    if len(hashes) <= LITTLE and not _any_pair(table, hashes):
        return Meeting(table, hashes, none, none, none)
    found = candidates(table.words, table.gate, hashes, ranks)
    places, rows = table.rows(hashes[found.first] + hashes[found.second])
    return Meeting(table, hashes, found.first[places], found.second[places], rows)


def _any_pair(table: PairTable, hashes: Hashes) -> bool:
    """Whether a pair may be among a few words, however far they stand apart."""
    gate, words = table.gate, table.words
    telling: list[int] = []
    for word in hashes.data:
        if words.may_hold(word):
            if any(gate.may_hold((word + other) & MASK) for other in telling[-REACH:]):
                return True
            telling.append(word)
    return False


def candidates(words: Bloom, gate: Bloom, hashes: Hashes, ranks: Places | None = None) -> Candidates:
    telling = np.flatnonzero(bloom.may_hold(words, hashes))
    backs = range(1, min(REACH, len(telling) - 1) + 1)
    first = np.concatenate([telling[:0], *(telling[:-back] for back in backs)])
    second = np.concatenate([telling[:0], *(telling[back:] for back in backs)])
    apart = second - first if ranks is None else ranks[second] - ranks[first]
    one, other = hashes[first], hashes[second]
    passed = np.flatnonzero(
        (apart > 0) & (apart <= FARTHEST) & (one != other) & bloom.may_hold(gate, one + other)
    )
    first, second = first[passed], second[passed]
    order = np.lexsort((first, second))
    return Candidates(first[order], second[order])
