"""The ways in which a code is written once more: backwards, in letters turned by 13 or mirrored, or both.

Rule: what was written so is put back before it is decoded. That costs one pass each, so whoever decodes looks
first whether it shows anything.
"""

import codecs
import string
from collections.abc import Callable, Iterator
from typing import NamedTuple

from filters.codecs.decoded import Offsets

_LOWER, _UPPER = string.ascii_lowercase, string.ascii_uppercase
_MIRROR = str.maketrans(_LOWER + _UPPER, _LOWER[::-1] + _UPPER[::-1])


def rot13(symbols: str) -> str:
    return codecs.encode(symbols, "rot13")


def mirrored(symbols: str) -> str:
    return symbols.translate(_MIRROR)


def both(symbols: str) -> str:
    return mirrored(rot13(symbols))


class Way(NamedTuple):
    backwards: bool
    letters: Callable[[str], str]

    def __call__(self, symbols: str) -> str:
        plain = self.letters(symbols)
        return plain[::-1] if self.backwards else plain


# All but as it stands.
WAYS = tuple(
    Way(backwards, letters)
    for backwards in (False, True)
    for letters in (str, rot13, mirrored, both)
    if backwards or letters is not str
)


def put_back(symbols: str, places: Offsets) -> Iterator[tuple[str, Offsets]]:
    """The symbols before they were written once more, in all ways but as they stand."""
    for way in WAYS:
        yield way(symbols), places[::-1] if way.backwards else places
