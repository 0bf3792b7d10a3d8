"""The tokens of a program in any language: strings, names, numbers, signs.

Rule: one pass over the text; a string ends in its line and is no longer than a few sentences.
"""

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<string>(?<!\w)[fFrRuUbB]{0,2}(?:"(?:[^"\\\n]|\\.){0,400}"|'(?:[^'\\\n]|\\.){0,400}'(?!\w)|`[^`]{0,400}`))"""
    r"""|(?P<name>[$@%]?[^\W\d]\w{0,40})|(?P<number>\d{1,7})|(?P<assign>[-+.:]?=(?!=)|<-)"""
    r"""|(?P<sign>\.\.|\|\||\+\+|<<|[^\w\s])"""
)
# No token is looked at so far ahead.
_AHEAD = 16


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> tuple[list[Token], int]:
    """All of them, with ends behind so that looking ahead meets something, and how many there are without."""
    found = [Token(match.lastgroup or "", match[0], *match.span()) for match in _TOKEN.finditer(text)]
    return [*found, *[Token("end", "", len(text), len(text))] * _AHEAD], len(found)
