"""Words in disguise: digits and signs for letters, letters written apart, words run together or cut.

Rule: a word is read that way only where it then is, or becomes in turn, an anchor of something forgotten:
names of variables, ordinals and versions cost no more than the question.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from filters.codecs.decoded import Decoded
from filters.codecs.separated import Token, spelled

Tells = Callable[[str], bool]

_TOKEN = re.compile(r"\S+")
_LETTERS = re.compile(r"[^\W\d_]+")
_MEANT = {
    "@": "a", "4": "a", "^": "a", "8": "b", "(": "c", "3": "e", "€": "e", "6": "g", "9": "g", "!": "i",
    "£": "l", "0": "o", "5": "s", "$": "s", "7": "t", "+": "t", "¥": "y", "2": "z",
}  # fmt: skip
_ONE_LETTER = r"[^\W_](?![^\W_])"
_APART = re.compile(rf"(?<![^\W_]){_ONE_LETTER}(?:[\W_]{{1,8}}{_ONE_LETTER}){{2,}}")
_LETTER = re.compile(r"[^\W_]")
_JOINT = re.compile(r"(?<=[^\W_])[^\w\s'’]{1,3}(?=[^\W_])|(?<=[^\W_])_{1,3}(?=[^\W_])")
_BORDER = re.compile(
    r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])"
)


def leet(one: str) -> Callable[[str, int, int, Tells], Iterator[Decoded]]:
    """`one`: what the digit 1 is meant to be."""
    table = str.maketrans({**_MEANT, "1": one, "|": one})

    def read(text: str, start: int, end: int, tells: Tells) -> Iterator[Decoded]:
        for token in _TOKEN.finditer(text, start, end):
            raw = token[0]
            meant = raw.translate(table)
            if meant != raw and any(tells(word.lower()) for word in _LETTERS.findall(meant)):
                places = range(*token.span())
                yield Decoded.of(meant, list(places), [place + 1 for place in places], "leet")

    return read


def apart(text: str, start: int, end: int, _tells: Tells) -> Iterator[Decoded]:
    """Letters one by one: what stands between most of them parts letters, anything else words."""
    for run in _APART.finditer(text, start, end):
        letters: list[Token] = [(letter[0], *letter.span()) for letter in _LETTER.finditer(text, *run.span())]
        yield from spelled(text, letters, str, "apart")


def cut(text: str, start: int, end: int, tells: Tells) -> Iterator[Decoded]:
    """Words with something in them that is no letter."""
    for token in _TOKEN.finditer(text, start, end):
        kept = _without(
            text, token.start(), token.end(), [match.span() for match in _JOINT.finditer(text, *token.span())]
        )
        if kept is not None and any(tells(word.lower()) for word in _LETTERS.findall(kept.text)):
            yield kept


def _without(text: str, start: int, end: int, gaps: list[tuple[int, int]]) -> Decoded | None:
    if not gaps:
        return None
    dropped = {place for gap in gaps for place in range(*gap)}
    places = [place for place in range(start, end) if place not in dropped]
    return Decoded.of(
        "".join(text[place] for place in places), places, [place + 1 for place in places], "cut"
    )


def together(text: str, start: int, end: int, tells: Tells) -> Iterator[Decoded]:
    """Words without a space between them, where a capital or a digit shows the border."""
    for token in _TOKEN.finditer(text, start, end):
        borders = {match.start() for match in _BORDER.finditer(text, *token.span())}
        if borders and any(tells(word.lower()) for word in _parts(text, token, sorted(borders))):
            yield _parted(text, token, borders)


def _parts(text: str, token: re.Match[str], borders: Sequence[int]) -> Iterator[str]:
    for first, last in pairwise((token.start(), *borders, token.end())):
        yield from _LETTERS.findall(text[first:last])


def _parted(text: str, token: re.Match[str], borders: set[int]) -> Decoded:
    """A digit between letters reads as the border it is."""
    read, starts, ends = [], [], []
    for place in range(*token.span()):
        character = " " if text[place].isdigit() else text[place]
        for each in " " + character if place in borders else character:
            read.append(each)
            starts.append(place)
            ends.append(place + 1)
    return Decoded.of("".join(read), starts, ends, "together")
