"""Codes that swap each letter for another one of the same alphabet, or for another order of them."""

from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from evaluation.codes.code import Code

_LEET: Final = {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"}
_CYRILLIC: Final = str.maketrans("aceopxyABCEHKMOPTXiI", "асеорхуАВСЕНКМОРТХіІ")
_LATIN: Final = {new: old for old, new in _CYRILLIC.items()}


def caesar(shift: int) -> Callable[[str], str]:
    def change(text: str) -> str:
        lower = ascii_lowercase[shift:] + ascii_lowercase[:shift]
        return text.translate(str.maketrans(ascii_lowercase + ascii_uppercase, lower + lower.upper()))

    return change


def _atbash(text: str) -> str:
    letters = ascii_lowercase + ascii_uppercase
    return text.translate(str.maketrans(letters, ascii_lowercase[::-1] + ascii_uppercase[::-1]))


def _leet(text: str) -> str:
    both = [(case, to) for one, to in _LEET.items() for case in (one, one.upper())]
    return text.translate({ord(one): to for one, to in both})


def _unleet(text: str) -> str:
    """Words of digits alone stay: they are numbers."""
    back = str.maketrans({to: one for one, to in _LEET.items()})
    return " ".join(word.translate(back) if any(map(str.isalpha, word)) else word for word in text.split(" "))


def _whole(title: str, change: Callable[[str], str], back: Callable[[str], str] | None = None) -> Code:
    return Code(title, change, back or change)


def shifted(by: int) -> Code:
    """Caesar's way, for any number of places."""
    return _whole(f"a Caesar shift of {by}", caesar(by), caesar(26 - by))


CIPHERS: Final = (
    _whole("ROT13", caesar(13)),
    *(shifted(by) for by in (3, 7, 19)),
    _whole("Atbash", _atbash),
    _whole("reversed letters", lambda text: text[::-1]),
    _whole("reversed words", lambda text: " ".join(reversed(text.split(" ")))),
    _whole("each word reversed", lambda text: " ".join(word[::-1] for word in text.split(" "))),
    _whole("leet speak", _leet, _unleet),
    _whole(
        "Cyrillic look-alikes",
        lambda text: text.translate(_CYRILLIC),
        lambda text: text.translate(_LATIN),
    ),
)
