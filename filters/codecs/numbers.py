"""Numbers in a row that are characters: code points in decimal, octal or binary, places in the alphabet.

Rule: every reading that makes sense of all the numbers of a run is told.
"""

import re
from collections.abc import Callable, Iterator

from filters.codecs.decoded import Decoded
from filters.codecs.separated import spelled, tokens

_NUMBER = re.compile(r"\d{1,9}")
_RUN = re.compile(r"(?<!\w)[&\\#]{0,2}\d{1,9}(?:[\s,;:._/|+&#\\\[\]()\"'-]{1,4}\d{1,9}){2,}(?!\w)")


def read(text: str, start: int, end: int) -> Iterator[Decoded]:
    for run in _RUN.finditer(text, start, end):
        found = tokens(_NUMBER, run)
        for view, least, meaning in _MEANINGS:
            if len(found) >= least:
                yield from spelled(text, found, meaning, view)


def _code(base: int, sizes: range) -> Callable[[str], str | None]:
    def meaning(token: str) -> str | None:
        try:
            code = int(token, base)
        except ValueError:
            return None
        is_one = len(token) in sizes and (code >= 32 or code in (9, 10, 13)) and code < 0x11000
        return chr(code) if is_one and not 127 <= code < 160 else None

    return meaning


def _alphabet(first: int) -> Callable[[str], str | None]:
    def meaning(token: str) -> str | None:
        place = int(token) - first if len(token) < 3 else -2
        if place in (-1, 26):
            return " "
        return chr(ord("A") + place) if 0 <= place < 26 else None

    return meaning


_MEANINGS = (
    ("decimal", 4, _code(10, range(1, 6))),
    ("octal", 4, _code(8, range(2, 5))),
    ("binary", 3, _code(2, range(6, 10))),
    ("a1z26", 5, _alphabet(1)),
    ("a0z25", 5, _alphabet(0)),
)
