"""The canonical fold: what a text says, whatever characters it is dressed in.

Rule of this file: every raw character folds by itself, to zero or more characters, whatever stands
beside it. So folding a stream piece by piece is folding it whole, and every folded character knows the
raw one it came from.

In order: Unicode tags are the ASCII they shadow; invisible characters vanish; decimal digits of every
script are 0 to 9; apostrophes are one; look-alikes of Latin letters (Cyrillic, Greek, small capitals,
squared ...) are those letters; the rest is decomposed (NFKD), loses its marks and its case. ASCII is
only lower-cased: no ASCII character is ever taken for another. Letters of other scripts remain letters,
folded the same everywhere.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

APOSTROPHE = "'"
_APOSTROPHES = frozenset("'‘’‛ʹʻʼʽˈˊ´′＇ꞌ׳՚ߴߵ᾽᾿῾")
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
_DROPPED = frozenset({"Mn", "Mc", "Me", "Cf"})
_ASCII_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_TAGS = range(0xE0020, 0xE007F)
_UNASSIGNED_INVISIBLE = (range(0x2060, 0x2070), range(0xFFF0, 0xFFF9), range(0xE0000, 0xE1000))


@cache
def look_alikes() -> Mapping[str, str]:
    """The table of fold_table.txt: non-ASCII character to lower-case ASCII."""
    lines = files("index").joinpath("fold_table.txt").read_text(encoding="ascii").splitlines()
    rows = (line.split() for line in lines)
    return MappingProxyType({chr(int(code, 16)): row[0] for row in rows for code in row[1:]})


def untagged(character: str) -> str:
    """The ASCII character that a Unicode tag shadows; any other character as it is."""
    return chr(ord(character) - 0xE0000) if ord(character) in _TAGS else character


@lru_cache(maxsize=1 << 16)
def fold_character(character: str) -> str:
    """What one raw character folds to: nothing where it is invisible, several where it is a ligature."""
    character = untagged(character)
    if character in _APOSTROPHES:
        return APOSTROPHE
    if character.isascii():
        return "" if _invisible_control(character) else character.lower()
    if _invisible(character):
        return ""
    value = unicodedata.decimal(character, None)
    if value is not None:
        return str(value)
    return look_alikes().get(character) or "".join(map(_base, unicodedata.normalize("NFKD", character)))


def fold(text: str) -> str:
    if plain(text):
        return text.lower()
    return "".join(map(fold_character, text))


def plain(text: str) -> bool:
    """Whether lower-casing is all that the fold would do: the fast path of nearly every piece."""
    return text.isascii() and (text.isprintable() or not _ASCII_CONTROLS.search(text))


def _base(character: str) -> str:
    """The fold of one character of a decomposition."""
    if _invisible(character):
        return ""
    table = look_alikes()
    known = table.get(character)
    return known or "".join(
        APOSTROPHE if c in _APOSTROPHES else table.get(c, c) for c in character.casefold()
    )


def _invisible(character: str) -> bool:
    if unicodedata.category(character) in _DROPPED or character in _FILLERS or _invisible_control(character):
        return True
    return any(ord(character) in gap for gap in _UNASSIGNED_INVISIBLE)


def _invisible_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc" and not character.isspace()
