"""Under which turns the symbols of a code may be those of text, told for all turns at once.

Rule: a few periods of symbols in a row must each be such as the bytes of ASCII have there. Which symbols
these are under a turn is looked up, and no text is turned for it.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_

import numpy as np
from numpy.typing import NDArray

from filters.codecs.shifted import LETTERS, shifted
from filters.codecs.ways import WAYS

_CODES = 128
# The ways first, one bit each, then the shifts from 1 on.
_ALL_WAYS = (1 << len(WAYS)) - 1


class Showing:
    """`fitting`: for each symbol of some periods those that text has there, as `shows` wants them."""

    __slots__ = ("_tables",)

    def __init__(self, fitting: Sequence[str]) -> None:
        size = len(fitting)
        self._tables = np.zeros((size, _CODES), dtype=np.uint32)
        for bit, way in enumerate(WAYS):
            for place in range(size):
                there = size - 1 - place if way.backwards else place
                self._note(place, 1 << bit, way.letters, fitting[there])
        for shift in range(1, LETTERS):
            for place in range(size):
                self._note(place, 1 << len(WAYS) + shift - 1, _by(shift), fitting[place])

    def _note(self, place: int, bit: int, turn: Callable[[str], str], fitting: str) -> None:
        for code in range(_CODES):
            if turn(chr(code)) in fitting:
                self._tables[place, code] |= bit

    def turns(self, symbols: str) -> "Turns":
        """Those under which any part may be text."""
        tables = self._tables
        codes = np.frombuffer(symbols.encode("ascii"), dtype=np.uint8)
        count = len(codes) - len(tables) + 1
        if count <= 0:
            return Turns(0)
        found: NDArray[np.uint32] = tables[0].take(codes[:count])
        for place in range(1, len(tables)):
            found &= tables[place].take(codes[place : place + count])
        return Turns(reduce(or_, found.tolist()) if count < _CODES else int(np.bitwise_or.reduce(found)))


class Turns(int):
    """Bits, one for each turn."""

    __slots__ = ()

    def ways(self) -> list[int]:
        """Places in WAYS."""
        return [place for place in range(len(WAYS)) if self >> place & 1] if self & _ALL_WAYS else []

    def shifts(self) -> list[int]:
        left = self >> len(WAYS)
        return [shift for shift in range(1, LETTERS) if left >> shift - 1 & 1] if left else []


def _by(shift: int) -> Callable[[str], str]:
    return lambda symbols: shifted(symbols, shift)
