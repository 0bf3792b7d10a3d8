"""Rolling digests of unit sequences: the digest of the last `n` units in a few operations, for any `n`.

A unit is hashed with a secret key. A sequence is the polynomial of its units' hashes at a secret odd
base, modulo 2**64: without the key nobody can compute one, nor make two sequences collide. The base is 3
modulo 8, so that exchanging two units is seen in nearly all bits.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from index.key import subkey

MASK = (1 << 64) - 1
Hashes = NDArray[np.uint64]


class WordHash:
    """The keyed 64-bit hash of a unit, remembered for common ones, and the base of its sequences."""

    __slots__ = ("_hash", "base")

    def __init__(self, key: bytes) -> None:
        secret = subkey(key, "units")
        self.base = int.from_bytes(subkey(key, "base")[:8], "little") & ~7 | 3

        @lru_cache(maxsize=1 << 16)
        def keyed(text: str) -> int:
            return int.from_bytes(blake2b(text.encode(), digest_size=8, key=secret).digest(), "little")

        self._hash = keyed

    def __call__(self, text: str) -> int:
        return self._hash(text)

    def many(self, texts: Iterable[str]) -> Hashes:
        return np.fromiter(map(self._hash, texts), dtype=np.uint64)


class Roller:
    """Digests of the last units of a stream, up to `longest` of them."""

    __slots__ = ("_at", "_base", "_powers", "_ring", "_size", "_sum", "longest", "size")

    def __init__(self, base: int, longest: int) -> None:
        self.longest = longest
        self._base = base
        self._powers = [pow(base, n, 1 << 64) for n in range(longest + 1)]
        self._size = longest + 1
        self.clear()

    def clear(self) -> None:
        """Forget all units."""
        self.size = 0
        self._sum = 0
        self._at = 0
        self._ring = [0] * self._size

    def push(self, word_hash: int) -> None:
        self._sum = (self._sum * self._base + word_hash) & MASK
        self._at = (self._at + 1) % self._size
        self._ring[self._at] = self._sum
        if self.size < self.longest:
            self.size += 1

    def digest(self, length: int) -> int:
        """The digest of the last `length` units; at most `size`."""
        return (self._sum - self._ring[self._at - length] * self._powers[length]) & MASK


def digests(hashes: Hashes, length: int, base: int) -> Hashes:
    """The digest of every `length` units in a row: what a Roller says after each of them."""
    count = len(hashes) - length + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    found = hashes[:count].copy()
    factor = np.uint64(base)
    for place in range(1, length):
        found *= factor
        found += hashes[place : place + count]
    return found
