"""All pairs of telling words in a whole text at once.

Rule: words that stand in no pair of any passage are passed over. Each of the others may make a pair with one
of the three before it that stands at most sixteen units away; so fillers and words left out hide nothing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.bloom import Bloom
from index.pair_table import Pair, PairTable
from index.rolling import Hashes

Places = NDArray[np.int64]
# So many telling words back, and so many units, a word looks for its partner.
REACH = 3
FARTHEST = 16
# So many words are tried one by one: an array has a price of its own.
LITTLE = 64


class Met(NamedTuple):
    """A pair of a passage in a text: which units they are, and what the first and the second word tell."""

    first: int
    second: int
    digest: int
    pair: Pair


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
    rows = zip(found.first.tolist(), found.second.tolist(), found.digests.tolist(), strict=True)
    return [
        Met(first, second, digest, pair) for first, second, digest in rows for pair in table.pairs(digest)
    ]


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
