"""Numbers in a row that are characters: code points in decimal, octal or binary, places in the alphabet.

Rule: every reading that makes sense of all the numbers of a run is told, but for those at its ends: a list
may count its items.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from filters.codecs.decoded import Decoded
from filters.codecs.separated import Token, spelled, tokens

_NUMBER = re.compile(r"\d{1,9}")
_RUN = re.compile(
    r"(?<![0-9A-Za-z_])[&\\#]{0,2}\d{1,9}(?:[\s,;:._/|+&#\\\[\]()\"'-]{1,4}\d{1,9}){2,}(?![0-9A-Za-z_])"
)

_BLANKS = (9, 10, 13)
_FIRST_PLANES = 0x11000
# Letters as signs of mathematics, faces, tags and selectors.
_DRESSES = (range(0x1D400, 0x1D800), range(0x1F000, 0x1FB00), range(0xE0000, 0xE0200))


def read(text: str, start: int, end: int) -> Iterator[Decoded]:
    for run in _RUN.finditer(text, start, end):
        found = tokens(_NUMBER, run)
        for view, least, meaning in _MEANINGS:
            within = _within(found, meaning)
            if len(within) >= least:
                yield from spelled(text, within, meaning, view)


def _within(found: Sequence[Token], meaning: Callable[[str], str | None]) -> Sequence[Token]:
    """From the first number that means something to the last."""
    first, last = 0, len(found)
    while first < last and meaning(found[first][0]) is None:
        first += 1
    while last > first and meaning(found[last - 1][0]) is None:
        last -= 1
    return found[first:last]


def _code(base: int, sizes: range) -> Callable[[str], str | None]:
    def meaning(token: str) -> str | None:
        try:
            code = int(token, base)
        except ValueError:
            return None
        return chr(code) if len(token) in sizes and _is_one(code) else None

    return meaning


def _is_one(code: int) -> bool:
    """A character that a text may have: of the higher planes those that letters are dressed in."""
    if code < _FIRST_PLANES:
        return code >= 160 or 32 <= code < 127 or code in _BLANKS
    return any(code in plane for plane in _DRESSES)


def _alphabet(first: int) -> Callable[[str], str | None]:
    def meaning(token: str) -> str | None:
        place = int(token) - first if len(token) < 3 else -2
        if place in (-1, 26):
            return " "
        return chr(ord("A") + place) if 0 <= place < 26 else None

    return meaning


_MEANINGS = (
    ("decimal", 4, _code(10, range(1, 7))),
    ("octal", 4, _code(8, range(2, 8))),
    ("binary", 3, _code(2, range(6, 10))),
    ("a1z26", 5, _alphabet(1)),
    ("a0z25", 5, _alphabet(0)),
)
