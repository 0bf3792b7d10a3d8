"""Letters as signs: Morse, Braille, the words of the spelling alphabet.

Rules: dots and dashes come in several shapes; unknown signs end a run. Braille is read letter by letter,
without contractions. Without case all are capitals, because they may be a name.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from filters.codecs.decoded import Decoded
from filters.codecs.separated import spelled, tokens

_CODES = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- "
    "--.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----. .-.-.- --..-- ..--.. -....- .----. "
    "-..-. ---... .--.-. -.-.-- -...- .-.-. .-..-. -.--. -.--.-"
)
_MORSE: Mapping[str, str] = MappingProxyType(
    dict(zip(_CODES.split(), "abcdefghijklmnopqrstuvwxyz0123456789.,?-'/:@!=+\"()", strict=True))
)
_DOT, _DASH = ".·•∙⋅*●", "–—−_-"
_SHAPES = str.maketrans(dict.fromkeys(_DOT, ".") | dict.fromkeys(_DASH, "-"))
_SIGN = re.compile(rf"[{_DOT}{_DASH}]{{1,8}}")
_MORSE_RUN = re.compile(rf"[{_DOT}{_DASH}]{{1,8}}(?:[\s/|,;]{{1,7}}[{_DOT}{_DASH}]{{1,8}}){{2,}}")

_BRAILLE_RUN = re.compile(r"[\u2800-\u28ff]+(?:\s{1,2}[\u2800-\u28ff]+)*")
# The first ten letters, whose dots the others repeat with one or two more; "w" came later.
_TEN = (1, 3, 9, 25, 17, 11, 27, 19, 10, 26)
_NUMBER_SIGN, _MORE, _BOTH, _W = 0x3C, 4, 36, 58

NATO = {
    "alfa": "a", "alpha": "a", "bravo": "b", "charlie": "c", "delta": "d", "echo": "e", "foxtrot": "f",
    "golf": "g", "hotel": "h", "india": "i", "juliett": "j", "juliet": "j", "kilo": "k", "lima": "l",
    "mike": "m", "november": "n", "oscar": "o", "papa": "p", "quebec": "q", "romeo": "r", "sierra": "s",
    "tango": "t", "uniform": "u", "victor": "v", "whiskey": "w", "whisky": "w", "xray": "x", "x-ray": "x",
    "yankee": "y", "zulu": "z", "zero": "0", "one": "1", "two": "2", "three": "3", "tree": "3", "four": "4",
    "fower": "4", "five": "5", "fife": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "niner": "9",
    "space": " ", "dash": "-", "stop": ".", "point": ".",
}  # fmt: skip
_SPELLING_WORD = re.compile("|".join(sorted(NATO, key=len, reverse=True)), re.IGNORECASE)
_ONE = rf"(?:{_SPELLING_WORD.pattern})"
_SPELLING_RUN = re.compile(rf"\b{_ONE}(?:[\W_]{{1,4}}{_ONE}){{2,}}\b", re.IGNORECASE)
SPELLING = frozenset(
    word for word in NATO if len(word) > 3 and word not in ("zero", "space", "point", "stop")
)


def morse(text: str, start: int, end: int) -> Iterator[Decoded]:
    for run in _MORSE_RUN.finditer(text, start, end):
        yield from spelled(text, tokens(_SIGN, run), _morse, "morse")


def _morse(token: str) -> str | None:
    return _MORSE.get(token.translate(_SHAPES), "?").upper()


def braille(text: str, start: int, end: int) -> Iterator[Decoded]:
    for run in _BRAILLE_RUN.finditer(text, start, end):
        read = _braille(run[0])
        places = range(run.start(), run.end())
        yield Decoded.of(read, list(places), [place + 1 for place in places], "braille")


def _braille(signs: str) -> str:
    """A sign that is no letter reads as nothing."""
    read, figures = [], False
    for sign in signs:
        dots = ord(sign) - 0x2800
        letter = " " if sign.isspace() or not dots else _LETTERS.get(dots & 63, "\u200b")
        figures = (figures or dots == _NUMBER_SIGN) and letter != " "
        read.append(_FIGURES.get(letter, letter) if figures else letter)
    return "".join(read).upper()


def _letters() -> dict[int, str]:
    first = dict(zip(_TEN, "abcdefghij", strict=True))
    second = {dots | _MORE: chr(ord(letter) + 10) for dots, letter in first.items()}
    third = {dots | _BOTH: letter for dots, letter in zip(_TEN, "uvxyz", strict=False)}
    return {**first, **second, **third, _W: "w"}


_LETTERS = _letters()
_FIGURES = dict(zip("abcdefghij", "1234567890", strict=True))


def spelling(text: str, start: int, end: int) -> Iterator[Decoded]:
    for run in _SPELLING_RUN.finditer(text, start, end):
        yield from spelled(text, tokens(_SPELLING_WORD, run), lambda word: NATO[word.lower()].upper(), "nato")
