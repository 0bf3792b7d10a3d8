"""Words in disguise: digits and signs for letters, letters written apart, words run together or cut.

Rule: a word is read that way only where it then is, or becomes in turn, an anchor of something forgotten:
names of variables, ordinals and versions cost no more than the question.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise

import numpy as np

from filters.codecs.decoded import Decoded
from filters.codecs.separated import Token, spelled

Tells = Callable[[Collection[str]], bool]

_WORDS = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_MEANT = {
    "@": "a", "4": "a", "^": "a", "8": "b", "(": "c", "3": "e", "€": "e", "6": "g", "9": "g", "!": "i",
    "£": "l", "0": "o", "5": "s", "$": "s", "7": "t", "+": "t", "¥": "y", "2": "z",
}  # fmt: skip
_ONE_LETTER = r"[^\W_](?![^\W_])"
_APART = re.compile(rf"(?<![^\W_]){_ONE_LETTER}(?:[\W_]{{1,8}}{_ONE_LETTER}){{3,}}")
_LETTER = re.compile(r"[^\W_]")
_JOINT = re.compile(r"(?<=[^\W_])[^\w\s'’]{1,3}(?=[^\W_])|(?<=[^\W_])_{1,3}(?=[^\W_])")
_DIGIT = re.compile(r"\d")
_BORDER = re.compile(
    r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])"
)


def leet(one: str) -> Callable[[str, int, int, Tells], Iterator[Decoded]]:
    """`one`: what the digit 1 is meant to be."""
    table = str.maketrans({**_MEANT, "1": one, "|": one})

    def read(text: str, start: int, end: int, tells: Tells) -> Iterator[Decoded]:
        raw = text[start:end]
        meant = raw.translate(table)
        if meant != raw and tells(_new(raw, meant)):
            places = np.arange(start, end)
            yield Decoded.of(meant, places, places + 1, "leet")

    return read


def _new(before: str, now: str) -> set[str]:
    """The words that were not there before."""
    return set(_LETTERS.findall(now.lower())).difference(_WORDS.findall(before.lower()))


def apart(text: str, start: int, end: int, _tells: Tells) -> Iterator[Decoded]:
    """Letters one by one: what stands between most of them parts letters, anything else words. A few letters
    are the names of things.
    """
    for run in _APART.finditer(text, start, end):
        letters: list[Token] = [(letter[0], *letter.span()) for letter in _LETTER.finditer(text, *run.span())]
        yield from spelled(text, letters, str, "apart")


def cut(text: str, start: int, end: int, tells: Tells) -> Iterator[Decoded]:
    """Words with something in them that is no letter."""
    raw = text[start:end]
    at, kept, places = start, [], []
    for gap in _JOINT.finditer(text, start, end):
        kept.append(text[at : gap.start()])
        places.append(np.arange(at, gap.start()))
        at = gap.end()
    if not kept:
        return
    meant = "".join((*kept, text[at:end]))
    if tells(_new(raw, meant)):
        where = np.concatenate((*places, np.arange(at, end)))
        yield Decoded.of(meant, where, where + 1, "cut")


def together(text: str, start: int, end: int, tells: Tells) -> Iterator[Decoded]:
    """Words without a space between them, where a capital or a digit shows the border."""
    borders = [match.start() for match in _BORDER.finditer(text, start, end)]
    if borders:
        parted = _parted(text[start:end], [border - start for border in borders])
        if tells(_new(text[start:end], parted)):
            # A border stands for the character behind it.
            places = np.insert(np.arange(start, end), np.array(borders) - start, borders)
            yield Decoded.of(parted, places, places + 1, "together")


def _parted(raw: str, borders: Sequence[int]) -> str:
    """A digit between letters reads as the border it is."""
    read = _DIGIT.sub(" ", raw)
    return " ".join(read[first:last] for first, last in pairwise((0, *borders, len(raw))))
