"""Rolling digests of unit sequences: the digest of the last `n` units in a few operations, for any `n`.

A unit is hashed with a secret key. A sequence is the polynomial of its units' hashes at a secret odd
base, modulo 2**64: without the key nobody can compute one, nor make two sequences collide. The base is 3
modulo 8, so that exchanging two units is seen in nearly all bits.
"""

from collections.abc import Callable, Collection
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

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


def digests(hashes: Hashes, length: int, base: int) -> Hashes:
    """The digest of every `length` units in a row: the polynomial of their hashes at the base."""
    if len(hashes) < length:
        return np.empty(0, dtype=np.uint64)
    # Unsigned numbers go round at 2**64, here as in the sum that a follower keeps.
    return np.correlate(hashes, weights(length, base))


@lru_cache(maxsize=256)
def weights(length: int, base: int) -> Hashes:
    """What each of so many units is multiplied by in their digest."""
    return np.array([pow(base, place, 1 << 64) for place in reversed(range(length))], dtype=np.uint64)
