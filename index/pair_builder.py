"""Collects passages, then makes the table of their pairs of telling words.

Rules:
1. A word tells as much as it is rare, but for what every word of prose tells; common words tell nothing.
2. A pair that stands in a text that must keep working is left out; one that several portions hold tells each
   of them only its part. So a template's words and a stock phrase tell little.
3. Half of what a portion tells (the policy's share) must be seen, and no less than LEAST of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.bits import word_bits
from index.key import subkey
from index.pair_search import candidates
from index.pair_table import Mix, PairArrays, PairTable
from index.pattern_table import stored_hash
from index.rolling import Hashes, WordHash
from index.table_builder import stands_in
from index.whole_text import WholeText
from policy.policy import Policy

# A word of fewer bits (one in 512) tells nothing; what it tells is counted from COMMON up to RAREST.
TELLING, COMMON, RAREST = 9.0, 6.0, 20.0
EIGHTHS = 8
LEAST = 36 * EIGHTHS
# Telling words of a portion.
PORTION = 28
# More portions than this hold it: it is a phrase of the language.
MOST_SHARING = 32
WEIGHT = MOST_SHARING

Flags = NDArray[np.bool_]


def build_pairs(policy: Policy, key: bytes, retain: Iterable[str]) -> PairTable:
    """Of all passages of a policy; nothing where it does not ask for them."""
    if policy.coverage is None:
        return PairTable.empty()
    word_hash, builder = WordHash(key), PairBuilder(key, policy.coverage.share)
    for place, entry in enumerate(policy.entries):
        for text in entry.passages:
            words = WholeText.of(text).words
            builder.add(words, word_hash.many(words), place)
    return builder.build(word_hash.many(WholeText.of(text).words) for text in retain)


@dataclass(slots=True)
class _Pairs:
    """Columns: one row for each pair of each portion. `low` and `high` are the words' hashes."""

    low: Hashes
    high: Hashes
    low_tells: NDArray[np.float64]
    high_tells: NDArray[np.float64]
    portion: NDArray[np.int64]

    @property
    def digests(self) -> Hashes:
        return self.low + self.high

    def take(self, rows: NDArray[np.int64] | Flags) -> "_Pairs":
        columns = (self.low, self.high, self.low_tells, self.high_tells, self.portion)
        return _Pairs(*(column[rows] for column in columns))  # type: ignore[arg-type]


class PairBuilder:
    """`share` of what a portion tells makes a text that portion."""

    def __init__(self, key: bytes, share: float) -> None:
        self._key, self._share = key, share
        self._parts: list[_Pairs] = []
        self._entries: list[int] = []

    def add(self, words: Sequence[str], hashes: Hashes, entry: int) -> None:
        """A passage of the entry at this place."""
        bits = np.fromiter(map(word_bits, words), dtype=np.float64, count=len(words))
        telling = bits >= TELLING
        said, tells = hashes[telling], np.minimum(bits[telling], RAREST) - COMMON
        count = max(1, round(len(said) / PORTION))
        portion = np.arange(len(said)) * count // max(1, len(said)) + len(self._entries)
        self._entries += [entry] * count
        for apart in (1, 2):
            self._parts.append(_beside(said, tells, portion, apart))

    def build(self, retain: Iterable[Hashes]) -> PairTable:
        pairs = _each_once(_joined(self._parts))
        if not len(pairs.low):
            return PairTable(PairArrays.empty(), self._key)
        keys = self._keys(pairs)
        pairs = _without(pairs, _innocent(pairs, retain))
        pairs, shares = _shared(pairs, keys)
        facts = self._facts(pairs, shares)
        return PairTable(self._arrays(pairs, shares, facts, keys), self._key)

    def _keys(self, pairs: _Pairs) -> Hashes:
        """Of each portion: made of all that stands in it, so that the same portion has the same key."""
        sums = np.zeros(len(self._entries), dtype=np.uint64)
        np.add.at(sums, pairs.portion, pairs.digests * pairs.digests)
        secret = subkey(self._key, "portions")
        values = (stored_hash(secret, 0, digest) for digest in sums.tolist())
        return np.fromiter(values, dtype=np.uint64, count=len(sums))

    def _facts(self, pairs: _Pairs, shares: NDArray[np.float64]) -> NDArray[np.uint32]:
        """A row for each portion: its entry, what is needed of it, the weight of all its pairs."""
        portions = len(self._entries)
        told = _told(pairs, shares, portions)
        needed = np.maximum(np.ceil(told * self._share), LEAST)
        weight = np.bincount(pairs.portion, np.rint(shares * WEIGHT), portions)
        return np.column_stack((self._entries, needed, weight)).astype(np.uint32)

    def _arrays(
        self, pairs: _Pairs, shares: NDArray[np.float64], facts: NDArray[np.uint32], keys: Hashes
    ) -> PairArrays:
        stored = Mix(self._key).many(pairs.digests)
        order = np.lexsort((pairs.portion, stored))
        tells = (pairs.low_tells * shares * EIGHTHS, pairs.high_tells * shares * EIGHTHS, shares * WEIGHT)
        return PairArrays(
            words=bloom.fill(np.unique(np.concatenate((pairs.low, pairs.high)))),
            gate=bloom.fill(np.unique(pairs.digests)),
            hashes=stored[order],
            portions=pairs.portion[order].astype(np.uint32),
            tells=np.rint(np.column_stack(tells))[order].astype(np.uint8),
            facts=facts,
            keys=keys,
        )


def _beside(said: Hashes, tells: NDArray[np.float64], portion: NDArray[np.int64], apart: int) -> _Pairs:
    one, other = said[:-apart], said[apart:]
    turned = one > other
    pairs = _Pairs(
        np.where(turned, other, one),
        np.where(turned, one, other),
        np.where(turned, tells[apart:], tells[:-apart]),
        np.where(turned, tells[:-apart], tells[apart:]),
        portion[:-apart],
    )
    return pairs.take(one != other)


def _joined(parts: Sequence[_Pairs]) -> _Pairs:
    none = np.empty(0, dtype=np.uint64)
    some = [_Pairs(none, none, np.empty(0), np.empty(0), np.empty(0, dtype=np.int64)), *parts]
    columns = ("low", "high", "low_tells", "high_tells", "portion")
    return _Pairs(*(np.concatenate([getattr(part, name) for part in some]) for name in columns))


def _each_once(pairs: _Pairs) -> _Pairs:
    """A pair once in each portion, in the order of portions and digests."""
    digests = pairs.digests
    order = np.lexsort((digests, pairs.portion))
    sorted_digests, sorted_portions = digests[order], pairs.portion[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (sorted_digests[1:] != sorted_digests[:-1]) | (sorted_portions[1:] != sorted_portions[:-1])
    return pairs.take(order[new])


def _innocent(pairs: _Pairs, retain: Iterable[Hashes]) -> Hashes:
    """The digests that a look at these texts would find, in order."""
    words = bloom.of(bloom.fill(np.unique(np.concatenate((pairs.low, pairs.high)))))
    gate = bloom.of(bloom.fill(np.unique(pairs.digests)))
    digests = [pairs.low[:0]]
    for hashes in retain:
        found = candidates(words, gate, hashes)
        digests.append(hashes[found.first] + hashes[found.second])
    return np.unique(np.concatenate(digests))


def _without(pairs: _Pairs, digests: Hashes) -> _Pairs:
    return pairs.take(~stands_in(pairs.digests, digests))


def _shared(pairs: _Pairs, keys: Hashes) -> tuple[_Pairs, NDArray[np.float64]]:
    """The part of each pair that tells of its portion; portions that are the same text are one."""
    digests, owners = pairs.digests, keys[pairs.portion]
    order = np.lexsort((owners, digests))
    new_digest = np.ones(len(order), dtype=np.bool_)
    new_digest[1:] = digests[order][1:] != digests[order][:-1]
    new_owner = new_digest.copy()
    new_owner[1:] |= owners[order][1:] != owners[order][:-1]
    groups = np.cumsum(new_digest) - 1
    holding: NDArray[np.float64] = np.bincount(groups, new_owner)[groups]
    sharing = np.empty(len(order), dtype=np.float64)
    sharing[order] = holding
    kept: Flags = sharing <= MOST_SHARING
    return pairs.take(kept), 1 / sharing[kept]


def _told(pairs: _Pairs, shares: NDArray[np.float64], portions: int) -> NDArray[np.float64]:
    """What the different words of each portion tell, each as in the pair where it tells most."""
    words = np.concatenate((pairs.low, pairs.high))
    tells = np.rint(np.concatenate((pairs.low_tells * shares, pairs.high_tells * shares)) * EIGHTHS)
    owners = np.concatenate((pairs.portion, pairs.portion))
    order = np.lexsort((tells, words, owners))
    last = np.ones(len(order), dtype=np.bool_)
    last[:-1] = (words[order][1:] != words[order][:-1]) | (owners[order][1:] != owners[order][:-1])
    chosen = order[last]
    return np.bincount(owners[chosen], tells[chosen], portions).astype(np.float64)
