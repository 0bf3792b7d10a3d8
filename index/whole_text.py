"""The units of a text that is there whole, in bulk and without their places.

Rule: they are what a UnitReader and a DigitReader read (tested); where each stands is asked for only where
something was found. Every character is spelled by its fold: letters and digits as they are, a space for what
separates, nothing for what is invisible, and spaces around what is a unit by itself.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.fold import APOSTROPHE, fold_character
from index.units import LONGEST, stands_alone

Codes = NDArray[np.uint32]


@lru_cache(maxsize=1 << 16)
def spelled(character: str) -> str:
    """What one raw character adds to the text that is split into units."""
    return "".join(map(_spelled, fold_character(character)))


def _spelled(folded: str) -> str:
    if folded.isalnum():
        return f" {folded} " if stands_alone(folded) else folded
    return folded if folded == APOSTROPHE else " "


_PLAIN = [spelled(chr(code)) for code in range(128)]
_INVISIBLE = bytes(code for code, text in enumerate(_PLAIN) if not text)
_ASCII = "".join(text or " " for text in _PLAIN).encode("ascii") + bytes(128)
# A digit stays, a letter ends a run of digits; what separates words separates no digits.
_FIGURES = bytes(ord(text) if text.isdigit() else ord(" ") for text in map(chr, range(256)))
_NO_FIGURE = b" '"
_DIGITS = b"0123456789"


@dataclass(frozen=True, slots=True)
class WholeText:
    """`words` are the texts of its units; `figures` its digits, with a space for letters between them, before
    the first and after the last.
    """

    words: list[str]
    figures: bytes

    @staticmethod
    def of(text: str) -> "WholeText":
        if text.isascii():
            ascii_only = text.encode("ascii").translate(_ASCII, _INVISIBLE)
            return WholeText(_words(ascii_only.decode("ascii")), _figures(ascii_only))
        codes = _respelled(text)
        others = np.where(codes < 128, codes, ord("x")).astype(np.uint8).tobytes()
        return WholeText(_words(codes.tobytes().decode("utf-32-le")), _figures(others))


def _words(text: str) -> list[str]:
    """An apostrophe between two letters joins them, two in a row separate."""
    if APOSTROPHE in text:
        text = text.replace(2 * APOSTROPHE, " ").replace(APOSTROPHE, "")
    words = text.split()
    if len(text) > LONGEST and max(map(len, words), default=0) > LONGEST:
        return [word[at : at + LONGEST] for word in words for at in range(0, len(word), LONGEST)]
    return words


def _figures(spelled_text: bytes) -> bytes:
    runs = spelled_text.translate(_FIGURES, _NO_FIGURE)
    digits = runs.split()
    return runs[:1].strip(_DIGITS) + b" ".join(digits) + runs[-1:].strip(_DIGITS) if digits else runs[:1]


def _respelled(text: str) -> Codes:
    """The code points of the spelled text, each character looked up once."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    places = np.zeros(int(codes.max()) + 1, dtype=np.intp)
    places[codes] = 1
    distinct = np.flatnonzero(places)
    places[distinct] = np.arange(len(distinct))
    texts = [spelled(chr(code)) for code in distinct.tolist()]
    sizes = np.array([len(each) for each in texts])
    pool = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    chosen = places[codes]
    counts = sizes[chosen]
    ends = np.cumsum(counts)
    # Where in the pool each spelled character is: its own text's start, and on from there.
    shifts = np.repeat((np.cumsum(sizes) - sizes)[chosen] - (ends - counts), counts)
    found: Codes = pool[shifts + np.arange(len(shifts))]
    return found
