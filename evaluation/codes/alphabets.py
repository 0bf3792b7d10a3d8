"""Codes with signs or words of their own for each letter. Case is lost in most of them."""

import re
import string
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from evaluation.codes.code import Code

_MORSE_SIGNS: Final = """
    .- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.--
    --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.
    .-.-.- --..-- ..--.. .----. -....- -..-. ---...
"""
_NATO_WORDS: Final = """
    Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec
    Romeo Sierra Tango Uniform Victor Whiskey Xray Yankee Zulu
    Zero One Two Three Four Five Six Seven Eight Nine
"""
_ALPHABET: Final = string.ascii_lowercase + string.digits
MORSE: Final[Mapping[str, str]] = MappingProxyType(
    dict(zip(_ALPHABET + ".,?'-/:", _MORSE_SIGNS.split(), strict=True))
)
NATO: Final[Mapping[str, str]] = MappingProxyType(dict(zip(_ALPHABET, _NATO_WORDS.split(), strict=True)))
_DOTS: Final = dict(zip(string.ascii_lowercase, "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", strict=True))
_DIGITS: Final = dict(zip("1234567890", "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚", strict=True))
_MARKS: Final = {".": "⠲", ",": "⠂", "?": "⠦", "-": "⠤", "'": "⠄", ":": "⠒", " ": "⠀"}


def _morse(text: str) -> str:
    words = ([MORSE[one] for one in word if one in MORSE] for word in text.lower().split())
    return " / ".join(" ".join(signs) for signs in words)


def _unmorse(run: str) -> str:
    letters = {sign: one for one, sign in MORSE.items()}
    words = re.split(r"\s*[/|]\s*|\s{2,}|\n", run.strip())
    return " ".join("".join(letters.get(sign, "") for sign in word.split()) for word in words)


def _nato(text: str) -> str:
    return " / ".join(
        " ".join(NATO.get(one, one) for one in word if one.isalnum()) for word in text.lower().split()
    )


def _unnato(run: str) -> str:
    letters = {word.lower(): one for one, word in NATO.items()}
    words = re.split(r"\s*[/|]\s*|\n", run)
    return " ".join(
        "".join(letters.get(one.lower(), "") for one in re.findall(r"\w+", word)) for word in words
    )


def _braille(text: str) -> str:
    """Grade one. A number sign opens each digit, so that no sign is needed to close a number."""
    signs = {**_DOTS, **{one: "⠼" + sign for one, sign in _DIGITS.items()}, **_MARKS}
    return "".join(signs.get(one, "") for one in text.lower())


def _unbraille(run: str) -> str:
    digits = {"⠼" + sign: one for one, sign in _DIGITS.items()}
    letters = {sign: one for one, sign in (_DOTS | _MARKS).items()}
    pieces = re.findall(r"⠼?[⠀-⣿]", run)
    return "".join({**letters, **digits}.get(one, " ") for one in pieces)


ALPHABETS: Final = (
    Code("Morse code", _morse, _unmorse, re.compile(r"[.\-]+(?:[ /|\n]+[.\-]+)+")),
    Code(
        "the NATO alphabet",
        _nato,
        _unnato,
        re.compile(rf"(?:\b(?:{'|'.join(NATO.values())})\b[ /|,\n-]*)+", re.IGNORECASE),
    ),
    Code("Braille", _braille, _unbraille, re.compile("[⠀-⣿ ]{2,}")),
)
