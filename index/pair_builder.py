"""Collects passages, then makes the table of their pairs of telling words, or the columns which a table of
many parts is laid from.

Rules:
1. A word tells as much as it is rare, but for what every word of prose tells; common words tell nothing.
2. A pair that stands in a text that must keep working is left out, however its telling words are passed over;
   one that several portions hold tells each of them only its part (index/pair_laying.py). So a template's
   words and a stock phrase tell little.
3. Half of what a portion tells (the policy's share) must be seen, and no less than LEAST of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.columns import Held
from index.key import subkey
from index.pair_laying import EIGHTHS as EIGHTHS
from index.pair_laying import LEAST as LEAST
from index.pair_laying import MOST_SHARING as MOST_SHARING
from index.pair_laying import PairPiece, lay_pairs, shelved
from index.pair_search import FARTHEST
from index.pair_table import PairTable
from index.pattern_table import stored_hash
from index.rolling import Hashes
from index.shelf import MemoryShelf
from index.sorting import distinct
from index.table_builder import NONE, Flags, stands_in
from index.words_of import Places, Vocabulary, Words

# A word of fewer bits (one in 512) tells nothing; what it tells is counted from COMMON up to RAREST.
TELLING, COMMON, RAREST = 9.0, 6.0, 20.0
# Telling words of a portion.
PORTION = 28


def pair_columns(words: Words, entries: Places, innocent: Hashes, key: bytes) -> dict[str, NDArray[Any]]:
    """Of these passages, each with the place of its entry. `innocent`: sorted digests of pairs that tell
    nothing.
    """
    telling = np.flatnonzero(words.bits >= TELLING)
    said = _Said.of(words, telling)
    pairs = _each_once(_joined([_beside(said, apart) for apart in (1, 2)]))
    keys = _keys(pairs, len(said.owners), key)
    kept = pairs.take(~stands_in(pairs.digests, innocent))
    return {
        "pairs.low": kept.low,
        "pairs.high": kept.high,
        "pairs.low_tells": kept.low_tells.astype(np.float32),
        "pairs.high_tells": kept.high_tells.astype(np.float32),
        "pairs.portions": kept.portion.astype(np.uint32),
        "pairs.entries": entries[said.owners].astype(np.uint32),
        "pairs.keys": keys,
    }


def innocent_pairs(words: Words) -> Hashes:
    """The sorted digests of all pairs of telling words in these texts that a look may make."""
    tells = words.bits >= TELLING
    found = [NONE]
    for apart in range(1, FARTHEST + 1):
        both = tells[:-apart] & tells[apart:] & (words.texts[:-apart] == words.texts[apart:])
        found.append(words.hashes[:-apart][both] + words.hashes[apart:][both])
    return distinct(np.concatenate(found))


class PairBuilder:
    """`share` of what a portion tells makes a text that portion."""

    def __init__(self, key: bytes, share: float) -> None:
        self._key, self._share = key, share
        self._vocabulary = Vocabulary(key)
        self._texts: list[Sequence[str]] = []
        self._entries: list[int] = []

    def add(self, words: Sequence[str], entry: int) -> None:
        """A passage of the entry at this place."""
        self._texts.append(words)
        self._entries.append(entry)

    def build(self, retain: Iterable[Sequence[str]] = ()) -> PairTable:
        """`retain`: the words of texts that must keep working."""
        words = self._vocabulary.words(self._texts)
        innocent = innocent_pairs(self._vocabulary.words(list(retain)))
        columns = pair_columns(words, np.array(self._entries, dtype=np.int64), innocent, self._key)
        shelf = MemoryShelf()
        lay_pairs([PairPiece(Held(columns), 0)], shelf, self._key, self._share)
        return PairTable(shelved(shelf), self._key)


@dataclass(frozen=True, slots=True)
class _Said:
    """The telling words of all passages, each with its portion; `owners`: the passage of each portion."""

    hashes: Hashes
    tells: NDArray[np.float64]
    texts: Places
    portions: Places
    owners: Places

    @staticmethod
    def of(words: Words, telling: Places) -> "_Said":
        texts = words.texts[telling]
        counts = np.bincount(texts, minlength=len(words.ends))
        portions = np.maximum(1, np.rint(counts / PORTION)).astype(np.int64)
        first = (np.cumsum(portions) - portions)[texts]
        within = np.arange(len(texts)) - (np.cumsum(counts) - counts)[texts]
        return _Said(
            words.hashes[telling],
            np.minimum(words.bits[telling], RAREST) - COMMON,
            texts,
            first + within * portions[texts] // counts[texts],
            np.repeat(np.arange(len(portions)), portions),
        )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Columns: one row for each pair of each portion. `low` and `high` are the words' hashes."""

    low: Hashes
    high: Hashes
    low_tells: NDArray[np.float64]
    high_tells: NDArray[np.float64]
    portion: Places

    @property
    def digests(self) -> Hashes:
        return self.low + self.high

    def take(self, rows: Places | Flags) -> "_Pairs":
        return _Pairs(
            self.low[rows],
            self.high[rows],
            self.low_tells[rows],
            self.high_tells[rows],
            self.portion[rows],
        )


def _beside(said: _Said, apart: int) -> _Pairs:
    one, other = said.hashes[:-apart], said.hashes[apart:]
    tells, others = said.tells[:-apart], said.tells[apart:]
    turned = one > other
    pairs = _Pairs(
        np.where(turned, other, one),
        np.where(turned, one, other),
        np.where(turned, others, tells),
        np.where(turned, tells, others),
        said.portions[:-apart],
    )
    return pairs.take((one != other) & (said.texts[:-apart] == said.texts[apart:]))


def _joined(parts: Sequence[_Pairs]) -> _Pairs:
    return _Pairs(
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.high for part in parts]),
        np.concatenate([part.low_tells for part in parts]),
        np.concatenate([part.high_tells for part in parts]),
        np.concatenate([part.portion for part in parts]),
    )


def _each_once(pairs: _Pairs) -> _Pairs:
    """A pair once in each portion, in the order of portions and digests."""
    digests = pairs.digests
    order = np.lexsort((digests, pairs.portion))
    sorted_digests, sorted_portions = digests[order], pairs.portion[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (sorted_digests[1:] != sorted_digests[:-1]) | (sorted_portions[1:] != sorted_portions[:-1])
    return pairs.take(order[new])


def _keys(pairs: _Pairs, portions: int, key: bytes) -> Hashes:
    """Of each portion: made of all that stands in it, so that the same portion has the same key."""
    sums = np.zeros(portions, dtype=np.uint64)
    np.add.at(sums, pairs.portion, pairs.digests * pairs.digests)
    secret = subkey(key, "portions")
    values = map(stored_hash, repeat(secret), repeat(0), sums.tolist())
    return np.fromiter(values, dtype=np.uint64, count=len(sums))
