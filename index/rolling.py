"""Rolling digests of unit sequences: the digest of the last `n` units in a few operations, for any `n`.

A unit is hashed with a secret key. A sequence is the polynomial of its units' hashes at a secret odd
base, modulo 2**64: without the key nobody can compute one, nor make two sequences collide. The base is 3
modulo 8, so that exchanging two units is seen in nearly all bits.
"""

from collections.abc import Callable, Collection
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from index.bloom import constant
from index.key import subkey

MASK = (1 << 64) - 1
MOST_KNOWN = 1 << 16
Hashes = NDArray[np.uint64]


class _Known(dict[str, int]):
    """Hashes that were computed before. A dictionary answers in half the time of an lru_cache."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        super().__init__()
        self._secret = secret

    def __missing__(self, text: str) -> int:
        if len(self) >= MOST_KNOWN:
            self.clear()
        digest = blake2b(text.encode(), digest_size=8, key=self._secret).digest()
        value = self[text] = int.from_bytes(digest, "little")
        return value


class WordHash:
    """The keyed 64-bit hash of a unit, remembered for common ones, and the base of its sequences."""

    __slots__ = ("_figures", "base", "of")

    def __init__(self, key: bytes) -> None:
        self._figures: Hashes | None = None
        self.of: Callable[[str], int] = _Known(subkey(key, "units")).__getitem__
        self.base = int.from_bytes(subkey(key, "base")[:8], "little") & ~7 | 3

    def __call__(self, text: str) -> int:
        return self.of(text)

    def many(self, texts: Collection[str]) -> Hashes:
        return np.fromiter(map(self.of, texts), dtype=np.uint64, count=len(texts))

    def figures(self, digits: bytes) -> Hashes:
        """The hashes of single digits; a space stands for the unit without text, which ends a run."""
        if not digits:
            return np.empty(0, dtype=np.uint64)
        if self._figures is None:
            self._figures = np.zeros(ord("9") + 1, dtype=np.uint64)
            for text in " 0123456789":
                self._figures[ord(text)] = self.of(text.strip())
        found: Hashes = self._figures[np.frombuffer(digits, dtype=np.uint8)]
        return found


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
    factor = constant(base)
    for place in range(1, length):
        found *= factor
        found += hashes[place : place + count]
    return found
