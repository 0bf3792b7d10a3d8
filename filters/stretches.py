"""Stretches of a long text: each ends with white space, so that no word goes over from one to the next."""

import re
from collections.abc import Iterator

# Long enough to be read in bulk, short enough that one finding makes little of a text be read word by word.
STRETCH = 4096
_SPACE = re.compile(r"[ \n]")


def stretches(text: str, least: int) -> Iterator[str]:
    """The text in pieces: first the rest of a word that may be open, last one that may go on."""
    first = _after_space(text, 0)
    yield text[:first]
    while len(text) - first > least:
        end = _after_space(text, first + least)
        yield text[first:end]
        first = end
    yield text[first:]


def ends_words(text: str) -> bool:
    """Whether no word of it goes on after it."""
    return text.endswith((" ", "\n"))


def _after_space(text: str, at: int) -> int:
    space = _SPACE.search(text, at)
    return space.end() if space else len(text)
