"""Blocked Bloom filters over keyed digests: no false negative ever, about one false positive in 300.

A digest picks one 64-bit word by its high bits and four bits of it by its low ones: one memory access, which
plain Python can afford for every word of a stream.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
BITS_PER_KEY = 12
MASK = (1 << 64) - 1
_SMALLEST = 4  # bits of the index of the smallest filter


def constant(number: int) -> NDArray[Any]:
    """A number for arrays of 64 bits: from a plain one they make it anew each time, which takes longer."""
    return np.array(number, dtype=np.uint64)


_LOW = constant(63)
_NEXT = tuple(map(constant, (6, 12, 18)))
_ONE = constant(1)


class Bloom(NamedTuple):
    """A filter as the scalar probe wants it: `words` of some buffer, and by how much a digest is shifted.

    `array` and `by` are the same for many digests at once. `above`: another one, which holds more.
    """

    words: memoryview
    shift: int
    array: Words
    by: NDArray[Any]
    above: "Bloom | None" = None

    def may_hold(self, digest: int) -> bool:
        word: int = self.words[digest >> self.shift]
        return bool(
            word >> (digest & 63) & 1
            and word >> (digest >> 6 & 63) & 1
            and word >> (digest >> 12 & 63) & 1
            and word >> (digest >> 18 & 63) & 1
        )


class _Both(Bloom):
    """With one above it. One filter alone does not pay for asking whether there is another."""

    __slots__ = ()

    def may_hold(self, digest: int) -> bool:
        return Bloom.may_hold(self, digest) or (self.above is not None and self.above.may_hold(digest))


def both(one: Bloom, above: Bloom) -> Bloom:
    """What holds all that either holds."""
    return _Both(*one[:4], above if one.above is None else both(one.above, above))


def empty() -> Bloom:
    """The filter that holds nothing."""
    return _bloom(np.zeros(2, dtype=np.uint64), 63)


def of(words: Words) -> Bloom:
    """A filter over stored words, whose number is a power of two."""
    return _bloom(words, 64 - (len(words).bit_length() - 1))


def full() -> Bloom:
    """The filter that may hold anything."""
    return _bloom(np.full(2, MASK, dtype=np.uint64), 63)


def size(count: int) -> int:
    """How many words a filter of so many digests has."""
    needed = max(1, count * BITS_PER_KEY // 64)
    return 1 << max(_SMALLEST, (needed - 1).bit_length())


def add(words: Words, digests: Words) -> None:
    """Make the filter in these words hold the digests too."""
    shift = constant(64 - (len(words).bit_length() - 1))
    np.bitwise_or.at(words, _places(digests, shift), _masks(digests))


def fill(digests: Words) -> Words:
    """The words of a filter that holds these digests."""
    words = np.zeros(size(len(digests)), dtype=np.uint64)
    add(words, digests)
    return words


def may_hold(filled: Bloom, digests: Words) -> NDArray[np.bool_]:
    """The probe of many digests at once."""
    may = np.zeros(len(digests), dtype=np.bool_)
    may[held(filled, digests)] = True
    return may


def held(filled: Bloom, digests: Words) -> NDArray[np.intp]:
    """Which of many digests the filter may hold, in order."""
    found = _held(filled, digests)
    if filled.above is not None and len(more := held(filled.above, digests)):
        return np.union1d(found, more)
    return found


def _held(filled: Bloom, digests: Words) -> NDArray[np.intp]:
    """Two bits tell nearly all others apart."""
    chosen = filled.array[_places(digests, filled.by)]
    found = chosen >> (digests & _LOW)
    found &= chosen >> (digests >> _NEXT[0] & _LOW)
    found &= _ONE
    places: NDArray[np.intp] = found.nonzero()[0]
    if not len(places):
        return places
    left, chosen = digests[places], chosen[places]
    found = chosen >> (left >> _NEXT[1] & _LOW) & chosen >> (left >> _NEXT[2] & _LOW) & _ONE
    kept: NDArray[np.intp] = places[found.nonzero()[0]]
    return kept


def _bloom(words: Words, shift: int) -> Bloom:
    return Bloom(words.data, shift, np.asarray(words), constant(shift))


def _places(digests: Words, shift: NDArray[Any]) -> NDArray[np.intp]:
    places: NDArray[np.intp] = (digests >> shift).view(np.intp)
    return places


def _masks(digests: Words) -> Words:
    masks: Words = _ONE << (digests & _LOW)
    for shift in _NEXT:
        masks |= _ONE << (digests >> shift & _LOW)
    return masks
