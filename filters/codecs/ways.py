"""The ways in which a code is written once more: backwards, in letters turned by 13 or mirrored, or both.

Rule: what was written so is put back before it is decoded. That costs one pass each, so whoever decodes looks
first whether it shows anything.
"""

import codecs
import string
from collections.abc import Callable, Iterator

from filters.codecs.decoded import Offsets

_LOWER, _UPPER = string.ascii_lowercase, string.ascii_uppercase
_MIRROR = str.maketrans(_LOWER + _UPPER, _LOWER[::-1] + _UPPER[::-1])


def rot13(symbols: str) -> str:
    return codecs.encode(symbols, "rot13")


def mirrored(symbols: str) -> str:
    return symbols.translate(_MIRROR)


def both(symbols: str) -> str:
    return mirrored(rot13(symbols))


_LETTERS: tuple[Callable[[str], str], ...] = (str, rot13, mirrored, both)


def put_back(symbols: str, places: Offsets) -> Iterator[tuple[str, Offsets]]:
    """The symbols before they were written once more, in all ways but as they stand."""
    for backwards in (False, True):
        for letters in _LETTERS:
            if backwards or letters is not str:
                plain = letters(symbols)
                yield (plain[::-1], places[::-1]) if backwards else (plain, places)
