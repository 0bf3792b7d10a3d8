"""Figures of base 16 whose letters were shifted in the alphabet, alone or in escapes.

Rule: only six letters are figures, so that few shifts fit; and behind a backslash stands an x before two of
them, or a u before four. What can be read as it is was not shifted.
"""

import re
from collections.abc import Iterator
from string import ascii_letters, ascii_lowercase

import numpy as np

from filters.codecs.decoded import Decoded

_TOKEN = re.compile(r"[0-9A-Za-z%=\\]{12,}")
_MARK = re.compile(r"\\([a-z])")
_OF_FOUR = re.compile(r"(?:\\[a-z][0-9a-z]{4})+")
LETTERS = 26
_FIGURES = 6
_FIRST = ord("a")
_TABLES = tuple(
    str.maketrans(ascii_letters, f"{lower}{lower.upper()}")
    for lower in (f"{ascii_lowercase[shift:]}{ascii_lowercase[:shift]}" for shift in range(LETTERS))
)


def read(text: str, start: int, end: int) -> Iterator[Decoded]:
    for match in _TOKEN.finditer(text, start, end):
        places = np.arange(*match.span())
        for shift in _shifts(match[0].lower()):
            yield Decoded.of(shifted(match[0], shift), places, places + 1, "shifted")


def shifted(symbols: str, shift: int) -> str:
    """Every letter so many places further on."""
    return symbols.translate(_TABLES[shift % LETTERS])


def _shifts(token: str) -> list[int]:
    """Those that make figures of all letters; none where they are figures."""
    marks = set(_MARK.findall(token))
    if marks:
        wanted = "u" if _OF_FOUR.fullmatch(token) else "x"
        found = [ord(wanted) - ord(mark) for mark in marks] if len(marks) == 1 else [0]
    elif 2 * sum(map(str.isdigit, token)) < sum(map(str.isalnum, token)):
        return []
    else:
        letters = {ord(sign) - _FIRST for sign in token if sign.isalpha()}
        fit = range(LETTERS) if letters else ()
        found = [by for by in fit if all((place + by) % LETTERS < _FIGURES for place in letters)]
    return [] if 0 in found else found
