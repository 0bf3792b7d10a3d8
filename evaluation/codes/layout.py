"""Codes that set the letters apart, line by line or with other signs between them."""

import re
from collections.abc import Callable
from typing import Final

from evaluation.codes.code import Code

_LINES: Final = ("ever", "so", "slowly", "the", "day", "went", "on")


def _apart(title: str, between: str, gap: str) -> Code:
    """Each word letter by letter, words held further apart."""

    def encode(text: str) -> str:
        return gap.join(between.join(word) for word in text.split())

    def decode(text: str) -> str:
        words = text.split(gap) if gap.strip(" ") or gap in text else [text]
        return " ".join("".join(word.split(between)) for word in words)

    return Code(title, encode, decode)


def _acrostic(text: str) -> str:
    """A line opens with the letter; blanks and signs that open no word are left out, digits stay."""
    letters = [one for one in text if one.isalnum()]
    return "\n".join(
        f"{one.upper()}{' ' if one.isdigit() else ''}{_LINES[at % len(_LINES)]} it went."
        for at, one in enumerate(letters)
    )


def _first_letters(text: str) -> str:
    return "".join(line.lstrip(" -*>0123456789.)\t")[:1] or line.strip()[:1] for line in text.split("\n"))


def _opening(text: str) -> str:
    return "".join(line.strip()[:1] for line in text.split("\n"))


def _joined_lines(text: str) -> str:
    """Letters of single lines put together; an empty line parts words."""
    return re.sub(r"\n{2,}", " ", text.strip()).replace("\n", "")


def _either(*ways: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "\n".join(way(text) for way in ways)


LAYOUTS: Final = (
    _apart("letters with hyphens between", "-", "  "),
    _apart("letters with dots between", ".", "  "),
    _apart("letters with spaces between", " ", "   "),
    _apart("letters with stars between", "*", "  "),
    _apart("letters with emoji between", "🙂", "  "),
    Code(
        "one letter per line",
        lambda text: "\n\n".join("\n".join(word) for word in text.split()),
        _joined_lines,
    ),
    Code("an acrostic", _acrostic, _either(_opening, _first_letters)),
)
