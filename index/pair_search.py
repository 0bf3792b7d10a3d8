"""All pairs of telling words in a whole text at once.

Rule: words that stand in no pair of any passage are passed over. Each of the others may make a pair with one
of the three before it that stands at most sixteen units away; so fillers and words left out hide nothing.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.bloom import Bloom
from index.pair_table import PairTable, pair_digest
from index.rolling import Hashes

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


class Candidates(NamedTuple):
    """What has passed the gate, in the order of the second word, then of the first."""

    first: Places
    second: Places
    digests: Hashes


def meet(table: PairTable, hashes: Hashes, ranks: Places | None = None) -> list[Met]:
    """Every pair, in order. `ranks` say where the units stand, where that is not one behind the other."""
    if not len(table) or len(hashes) < 2:
        return []
    if len(hashes) <= LITTLE and not _any_telling(table.words, hashes):
        return []
    found = candidates(table.words, table.gate, hashes, ranks)
    words = hashes.data
    return [
        met
        for first, second in zip(found.first.tolist(), found.second.tolist(), strict=True)
        for met in met_pairs(table, first, second, words[first], words[second])
    ]


def met_pairs(table: PairTable, first: int, second: int, one: int, other: int) -> Iterator[Met]:
    """What two words that have passed the gate are, if anything."""
    low, high = (one, other) if one < other else (other, one)
    digest = pair_digest(low, high)
    for portion, lower, higher, weight in table.pairs(digest):
        yield Met(first, second, digest, portion, weight, ((low, lower), (high, higher)))


def _any_telling(words: Bloom, hashes: Hashes) -> bool:
    """Whether a pair may be among a few words."""
    first = False
    for word in hashes.data:
        if words.may_hold(word):
            if first:
                return True
            first = True
    return False


def candidates(words: Bloom, gate: Bloom, hashes: Hashes, ranks: Places | None = None) -> Candidates:
    telling = np.flatnonzero(bloom.may_hold(words, hashes))
    said = hashes[telling]
    stand = telling if ranks is None else ranks[telling]
    firsts, seconds, digests = [telling[:0]], [telling[:0]], [said[:0]]
    for back in range(1, min(REACH, len(said) - 1) + 1):
        first, second = said[:-back], said[back:]
        sums = first + second
        apart = stand[back:] - stand[:-back]
        near = (apart > 0) & (apart <= FARTHEST) & (first != second)
        passed = np.flatnonzero(near)
        passed = passed[bloom.may_hold(gate, sums[passed])]
        firsts.append(telling[passed])
        seconds.append(telling[passed + back])
        digests.append(sums[passed])
    first_of, second_of = np.concatenate(firsts), np.concatenate(seconds)
    order = np.lexsort((first_of, second_of))
    return Candidates(first_of[order], second_of[order], np.concatenate(digests)[order])
