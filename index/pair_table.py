"""Pairs of telling words that stand beside each other in passages, searchable and unreadable: by them a
passage is known whose words were replaced, left out, filled up, cut apart or put in another order.

A word tells when it is rare enough. A passage is divided into portions of some thirty telling words; each of
them makes a pair with the next two, in either order. The exact set holds a keyed hash of each pair, the
portion it is of, and how much either word and the pair tell there. One filter tells which words stand in a
pair at all, another which two of them may be one. Nothing here can be read or made without the key: a pair is
the sum of its words' keyed hashes, and the set holds it mixed by secret factors, so that pairs which share a
word look unrelated.

How much is told is counted in eighths of a bit; a pair that several portions hold tells each of them less.
"""

from bisect import bisect_left
from dataclasses import dataclass, fields
from functools import reduce
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.key import subkey
from index.levels import levels, mapped
from index.rolling import MASK, Hashes

Places = NDArray[np.int64]
Tells = NDArray[np.uint8]
Numbers = NDArray[np.uint32]
NAME = "pairs"


class Pair(NamedTuple):
    """A pair of a portion: how much the word with the lower hash tells, the other one, and the pair."""

    portion: int
    lower: int
    higher: int
    weight: int


class Portion(NamedTuple):
    """`entry`: its place in the snapshot. `needed`: as much must be told by its words to be the portion;
    `weight`: of all its pairs. `key` stays the same from one generation to the next.
    """

    entry: int
    needed: int
    weight: int
    key: int


@dataclass(frozen=True, slots=True)
class PairArrays:
    """What a table is made of and stored as: `words` and `gate` are filters, `hashes` are in order,
    `portions` and `tells` say of each what it is; `facts` and `keys` describe the portions. `common`: hashes
    of the pairs that so many portions hold that they tell nothing.
    """

    words: Hashes
    gate: Hashes
    hashes: Hashes
    portions: Numbers
    tells: Tells
    facts: Numbers
    keys: Hashes
    common: Hashes

    @staticmethod
    def empty() -> "PairArrays":
        none = np.empty(0, dtype=np.uint64)
        filled = bloom.fill(none)
        numbers = np.empty((0, 3), dtype=np.uint32)
        return PairArrays(filled, filled, none, numbers[:, 0], numbers.astype(np.uint8), numbers, none, none)

    @staticmethod
    def load(folder: Path) -> "PairArrays":
        return PairArrays(*(mapped(folder, f"{NAME}.{each.name}") for each in fields(PairArrays)))


@dataclass(frozen=True, slots=True)
class PairChanges:
    """What a level changes in the one below, in order: of the pairs that it `hides` all rows lie above; of
    these `portions` the `facts` are others.
    """

    hides: Hashes
    portions: Numbers
    facts: Numbers

    @staticmethod
    def load(folder: Path) -> "PairChanges":
        return PairChanges(*(mapped(folder, f"{NAME}.changed.{each.name}") for each in fields(PairChanges)))


class PairTable:
    """Of two levels the one above counts its portions, and its rows, behind those of the one below. `needed`:
    what is needed of each portion.
    """

    __slots__ = (
        "_changes", "_facts", "_hides", "_levels", "_mix", "_size", "_sorted", "_tells", "gate", "needed",
        "words",
    )  # fmt: skip

    def __init__(
        self, lowest: PairArrays, key: bytes, above: tuple[PairArrays, PairChanges] | None = None
    ) -> None:
        levels = [lowest] if above is None else [lowest, above[0]]
        self._mix = Mix(key)
        self.words, self.gate = (
            reduce(bloom.both, [bloom.of(getattr(level, name)) for level in levels])
            for name in ("words", "gate")
        )
        self._levels = list(map(_Rows, levels))
        # A mapped file is asked as the plain array it is: each answer would else be made one too.
        self._sorted = [np.asarray(level.hashes) for level in levels]
        self._tells = [(np.asarray(level.portions), np.asarray(level.tells)) for level in levels]
        self._facts = [(level.facts, level.keys) for level in levels]
        self._changes = None if above is None else above[1]
        self._hides = None if above is None else above[1].hides.data
        self._size, self.needed = sum(map(len, self._sorted)), np.asarray(lowest.facts)[:, 1]
        if above is not None:
            arrays, changes = above
            self._size -= int(_spans(self._sorted[0], changes.hides)[1].sum())
            self.needed = np.concatenate((self.needed, arrays.facts[:, 1]))
            self.needed[changes.portions] = changes.facts[:, 1]

    @staticmethod
    def empty() -> "PairTable":
        return PairTable(PairArrays.empty(), bytes(32))

    def __len__(self) -> int:
        """How many pairs there are, counted for each portion."""
        return self._size

    @property
    def portions(self) -> int:
        """How many portions there are."""
        return sum(len(keys) for _, keys in self._facts)

    def pairs(self, digest: int) -> list[Pair]:
        """The portions that hold the pair, exactly; the digest is one that has passed the gate."""
        stored = self._mix.one(digest)
        if self._hides is None:
            return self._levels[0].pairs(stored)
        found = self._levels[1].pairs(stored)
        return found if found or _stands_in(self._hides, stored) else self._levels[0].pairs(stored)

    def rows(self, digests: Hashes) -> tuple[Places, Places]:
        """The rows of all these pairs, in their order; beside each, which of the digests it is of."""
        stored = self._mix.many(digests)
        begin, counts = _spans(self._sorted[0], stored)
        if self._changes is not None:
            # All rows of a pair lie in one level.
            there = np.flatnonzero(counts)
            counts[there[_spans(np.asarray(self._changes.hides), stored[there])[1] > 0]] = 0
            first, above = _spans(self._sorted[1], stored)
            begin = np.where(above > 0, first + len(self._sorted[0]), begin)
            counts += above
        places = np.repeat(np.arange(len(digests)), counts)
        steps = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        return places, begin[places] + steps

    def told(self, rows: Places) -> tuple[Numbers, Tells]:
        """Of each row its portion, and what it tells of it: its lower word, the higher one, and the pair."""
        portions, tells = self._tells[0]
        if len(self._tells) == 1:
            return portions[rows], tells[rows]
        is_above = rows >= len(portions)
        lower, upper = rows[~is_above], rows[is_above] - len(portions)
        of_both = np.empty(len(rows), np.uint32), np.empty((len(rows), 3), np.uint8)
        for found, level, chosen in ((~is_above, 0, lower), (is_above, 1, upper)):
            of_both[0][found], of_both[1][found] = (part[chosen] for part in self._tells[level])
        return of_both

    def portion(self, number: int) -> Portion:
        place, above = number, self._changes
        for facts, keys in self._facts:
            if place < len(keys):
                said = facts[place]
                if above is not None and (at := _place(above.portions.data, number)) is not None:
                    said = above.facts[at]
                entry, needed, weight = said.tolist()
                return Portion(entry, needed, weight, int(keys[place]))
            place -= len(keys)
        raise IndexError(number)

    def arrays_below(self) -> tuple[Hashes, Numbers, Hashes]:
        """Of the lowest level the hashes in order, the portion of each, and the keys of the portions."""
        return self._sorted[0], self._tells[0][0], np.asarray(self._facts[0][1])

    @classmethod
    def load(cls, folder: Path, key: bytes) -> "PairTable":
        """Memory-mapped: all processes of a machine share one copy."""
        lowest, *above = map(PairArrays.load, levels(folder))
        return cls(lowest, key, (above[0], PairChanges.load(folder)) if above else None)


class _Rows:
    """Those of one level, one by one: a memory view answers for one in a third of the time of an array."""

    __slots__ = ("_hashes", "_portions", "_tells")

    def __init__(self, level: PairArrays) -> None:
        self._hashes, self._portions = level.hashes.data, level.portions.data
        self._tells = level.tells.reshape(-1).data

    def pairs(self, stored: int) -> list[Pair]:
        hashes, tells = self._hashes, self._tells
        place, found = bisect_left(hashes, stored), []
        while place < len(hashes) and hashes[place] == stored:
            found.append(Pair(self._portions[place], *tells[3 * place : 3 * place + 3]))
            place += 1
        return found


def _spans(ordered: Hashes, values: Hashes) -> tuple[Places, Places]:
    """Where each value begins among the sorted ones, and how often it stands there."""
    begin = ordered.searchsorted(values)
    counts = np.zeros(len(values), dtype=np.int64)
    if len(ordered):
        # Most are not there at all.
        there = np.flatnonzero(ordered[np.minimum(begin, len(ordered) - 1)] == values)
        counts[there] = ordered.searchsorted(values[there], side="right") - begin[there]
    return begin, counts


def _place(ordered: memoryview, wanted: int) -> int | None:
    place = bisect_left(ordered, wanted)
    return place if place < len(ordered) and ordered[place] == wanted else None


def _stands_in(ordered: memoryview, wanted: int) -> bool:
    return _place(ordered, wanted) is not None


class Mix:
    """Turns digests into what the set holds: the same for one and for many at once."""

    __slots__ = ("_factors",)

    def __init__(self, key: bytes) -> None:
        secret = subkey(key, NAME)
        self._factors = [int.from_bytes(secret[at : at + 8]) | 1 for at in (0, 8, 16, 24)]

    def one(self, digest: int) -> int:
        for factor in self._factors:
            digest = digest * factor & MASK
            digest ^= digest >> 29
        return digest

    def many(self, digests: Hashes) -> Hashes:
        mixed = digests.copy()
        for factor in self._factors:
            mixed *= np.uint64(factor)
            mixed ^= mixed >> np.uint64(29)
        return mixed
