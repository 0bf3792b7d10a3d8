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
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.key import subkey
from index.rolling import MASK, Hashes

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
    `portions` and `tells` say of each what it is; `facts` and `keys` describe the portions.
    """

    words: Hashes
    gate: Hashes
    hashes: Hashes
    portions: Numbers
    tells: Tells
    facts: Numbers
    keys: Hashes

    @staticmethod
    def empty() -> "PairArrays":
        none = np.empty(0, dtype=np.uint64)
        filled = bloom.fill(none)
        numbers = np.empty((0, 3), dtype=np.uint32)
        return PairArrays(filled, filled, none, numbers[:, 0], numbers.astype(np.uint8), numbers, none)


class PairTable:
    """`portions` and `tells` say of each row what it is; `needed` is what is needed of each portion."""

    __slots__ = (
        "_arrays",
        "_hashes",
        "_mix",
        "_portions",
        "_sorted",
        "_tells",
        "gate",
        "needed",
        "portions",
        "tells",
        "words",
    )

    def __init__(self, arrays: PairArrays, key: bytes) -> None:
        self._arrays = arrays
        self._mix = Mix(key)
        self.words, self.gate = bloom.of(arrays.words), bloom.of(arrays.gate)
        # A mapped file is asked as the plain array it is: each answer would else be made one too.
        self._sorted = np.asarray(arrays.hashes)
        self.portions, self.tells = np.asarray(arrays.portions), np.asarray(arrays.tells)
        self.needed = np.asarray(arrays.facts)[:, 1]
        # A memory view answers for a single row in a third of the time of an array.
        self._hashes, self._portions = arrays.hashes.data, arrays.portions.data
        self._tells = arrays.tells.reshape(-1).data

    @staticmethod
    def empty() -> "PairTable":
        return PairTable(PairArrays.empty(), bytes(32))

    def __len__(self) -> int:
        """How many pairs there are, counted for each portion."""
        return len(self._arrays.hashes)

    @property
    def nbytes(self) -> int:
        return sum(getattr(self._arrays, each.name).nbytes for each in fields(PairArrays))

    def pairs(self, digest: int) -> list[Pair]:
        """The portions that hold the pair, exactly; the digest is one that has passed the gate."""
        stored, hashes, tells = self._mix.one(digest), self._hashes, self._tells
        place, found = bisect_left(hashes, stored), []
        while place < len(hashes) and hashes[place] == stored:
            found.append(Pair(self._portions[place], *tells[3 * place : 3 * place + 3]))
            place += 1
        return found

    def rows(self, digests: Hashes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows of all these pairs, in their order; beside each, which of the digests it is of."""
        stored = self._mix.many(digests)
        begin = self._sorted.searchsorted(stored)
        counts = self._sorted.searchsorted(stored, side="right") - begin
        places = np.repeat(np.arange(len(digests)), counts)
        steps = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        return places, begin[places] + steps

    def portion(self, number: int) -> Portion:
        entry, needed, weight = self._arrays.facts[number].tolist()
        return Portion(entry, needed, weight, int(self._arrays.keys[number]))

    @classmethod
    def load(cls, folder: Path, key: bytes) -> "PairTable":
        """Memory-mapped: all processes of a machine share one copy."""
        parts = {
            each.name: np.load(_file(folder, each.name), mmap_mode="r", allow_pickle=False)
            for each in fields(PairArrays)
        }
        return cls(PairArrays(**parts), key)


def _file(folder: Path, part: str) -> Path:
    return folder / f"{NAME}.{part}.npy"


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
