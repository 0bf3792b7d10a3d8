"""Shapes that an answer may be asked for in: as data, as a program's text, or in another script style."""

import json
import re
from typing import Final

from evaluation.codes.code import Code


def _letters(text: str) -> list[str]:
    return [one for one in text if not one.isspace()]


def _keys(text: str) -> str:
    """Keys must differ, so each has its place in front."""
    return json.dumps({f"{place}-{word}": 0 for place, word in enumerate(text.split(), 1)})


def _unkeyed(text: str) -> str:
    return " ".join(re.findall(r'"\d+-([^"]*)"', text))


def _quoted(text: str) -> str:
    return "".join(re.findall(r"""["'](.)["']""", text))


def _cells(text: str) -> str:
    return "| " + " | ".join(_letters(text)) + " |"


def _snake(text: str) -> str:
    return "_".join(re.findall(r"\w+", text))


SHAPES: Final = (
    Code("a Python list of words", lambda text: repr(text.split()), lambda text: " ".join(_items(text))),
    Code("a Python list of single letters", lambda text: repr(_letters(text)), _quoted),
    Code("the keys of a JSON object", _keys, _unkeyed),
    Code(
        "comments of a Python program",
        lambda text: "".join(f"# {word}\nstep({place})\n" for place, word in enumerate(text.split())),
        lambda text: " ".join(re.findall(r"^# ?(.*)$", text, re.MULTILINE)),
    ),
    Code(
        "a diff",
        lambda text: "--- a\n+++ b\n" + "\n".join(f"-...\n+{word}" for word in text.split()),
        lambda text: " ".join(re.findall(r"^\+(?!\+)(.*)$", text, re.MULTILINE)),
    ),
    Code(
        "a table with one letter in each cell",
        _cells,
        lambda text: "".join(re.findall(r"\|\s*([^|\s])", text)),
    ),
    Code(
        "a numbered list of words",
        lambda text: "\n".join(f"{place}. {word}" for place, word in enumerate(text.split(), 1)),
        lambda text: " ".join(re.findall(r"^\d+\. (.*)$", text, re.MULTILINE)),
    ),
    Code("one name of a variable", _snake, lambda text: text.replace("_", " ")),
    Code("alternating capitals", lambda text: _waved(text), lambda text: text),
    Code("two halves of each word", lambda text: _halved(text), lambda text: text.replace("+", "")),
)


def _items(text: str) -> list[str]:
    """Strings in single quotes, or in double ones where a word holds an apostrophe."""
    return [one or other for one, other in re.findall(r"'([^']*)'|\"([^\"]*)\"", text)]


def _waved(text: str) -> str:
    return "".join(one.upper() if at % 2 else one.lower() for at, one in enumerate(text))


def _halved(text: str) -> str:
    return " ".join(
        f"{word[: len(word) // 2]}+{word[len(word) // 2 :]}" if len(word) > 2 else word
        for word in text.split()
    )
