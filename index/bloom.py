"""Blocked Bloom filters over keyed digests: no false negative ever, about one false positive in 300.

A digest picks one 64-bit word by its high bits and four bits of it by its low ones: one memory access, which
plain Python can afford for every word of a stream.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
BITS_PER_KEY = 12
_SMALLEST = 4  # bits of the index of the smallest filter


class Bloom(NamedTuple):
    """A filter as the scalar probe wants it: `words` of some buffer, and by how much a digest is shifted."""

    words: memoryview
    shift: int

    def may_hold(self, digest: int) -> bool:
        word: int = self.words[digest >> self.shift]
        return bool(
            word >> (digest & 63) & 1
            and word >> (digest >> 6 & 63) & 1
            and word >> (digest >> 12 & 63) & 1
            and word >> (digest >> 18 & 63) & 1
        )


def empty() -> Bloom:
    """The filter that holds nothing."""
    return Bloom(np.zeros(1, dtype=np.uint64).data, 64)


def of(words: Words) -> Bloom:
    """A filter over stored words, whose number is a power of two."""
    return Bloom(words.data, 64 - (len(words).bit_length() - 1))


def fill(digests: Words) -> Words:
    """The words of a filter that holds these digests."""
    needed = max(1, len(digests) * BITS_PER_KEY // 64)
    index_bits = max(_SMALLEST, (needed - 1).bit_length())
    words = np.zeros(1 << index_bits, dtype=np.uint64)
    np.bitwise_or.at(words, _places(digests, 64 - index_bits), _masks(digests))
    return words


def may_hold(filled: Bloom, digests: Words) -> NDArray[np.bool_]:
    """The probe of many digests at once."""
    masks = _masks(digests)
    chosen: Words = np.frombuffer(filled.words, dtype=np.uint64)[_places(digests, filled.shift)]
    found: NDArray[np.bool_] = np.equal(chosen & masks, masks)
    return found


def _places(digests: Words, shift: int) -> NDArray[np.intp]:
    return (digests >> np.uint64(shift)).astype(np.intp)


def _masks(digests: Words) -> Words:
    one, low = np.uint64(1), np.uint64(63)
    masks = one << (digests & low)
    for shift in (6, 12, 18):
        masks |= one << (digests >> np.uint64(shift) & low)
    return masks
