"""Which entries speak of a date. Encoders are blind to numbers: to them one birthday is as good as another.

Dates are stored as keyed hashes only.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.dates import dates


@dataclass(frozen=True, slots=True)
class DateIndex:
    """Parallel arrays, sorted by hash: an entry may have many dates and a date many entries."""

    hashes: NDArray[np.uint64]
    owners: NDArray[np.int32]

    @classmethod
    def build(cls, texts: Sequence[Iterable[str]], key: bytes) -> "DateIndex":
        """`texts`: per entry what it says."""
        return cls.from_pairs(
            (one, entry)
            for entry, said in enumerate(texts)
            for text in said
            for one in date_hashes(text, key)
        )

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[int, int]]) -> "DateIndex":
        """Hashes, each with an entry."""
        found = sorted(set(pairs))
        hashes = np.array([one for one, _ in found], np.uint64)
        return cls(hashes, np.array([entry for _, entry in found], np.int32))

    def of(self, text: str, key: bytes) -> frozenset[int]:
        """The entries that share a date with the text."""
        return self.sharing(date_hashes(text, key))

    def sharing(self, hashes: Iterable[int]) -> frozenset[int]:
        """The entries that have one of these dates."""
        return frozenset(int(owner) for one in hashes for owner in self._owners(one))

    def _owners(self, one: int) -> NDArray[np.int32]:
        start, stop = (np.searchsorted(self.hashes, np.uint64(one), side) for side in ("left", "right"))
        return self.owners[start:stop]


def date_hashes(text: str, key: bytes) -> set[int]:
    return {_hash(year, month, day, key) for year, month, day in dates(text)}


def _hash(year: int, month: int, day: int, key: bytes) -> int:
    said = f"{year}-{month}-{day}".encode()
    return int.from_bytes(
        hashlib.blake2b(said, digest_size=8, key=key[:64], person=b"unsay-date").digest(), "big"
    )
