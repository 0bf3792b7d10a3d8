"""Stretches of a long text: each ends with white space, so that no word goes over from one to the next."""

import re
from collections.abc import Iterator

# From so many characters on, reading in bulk takes less time than word by word.
LEAST = 400
# One finding makes no more of a text than this be read word by word.
MOST = 4096
_SPACE = re.compile(r"[ \n]")


def stretches(text: str) -> Iterator[str]:
    """The text in pieces: first the rest of a word that may be open, last one that may go on."""
    first, last = _after_space(text, 0), max(text.rfind(" "), text.rfind("\n")) + 1
    yield text[:first]
    while first < last:
        end = min(last, _after_space(text, first + MOST))
        yield text[first:end]
        first = end
    yield text[first:]


def ends_words(text: str) -> bool:
    """Whether no word of it goes on after it."""
    return text.endswith((" ", "\n"))


def _after_space(text: str, at: int) -> int:
    space = _SPACE.search(text, at)
    return space.end() if space else len(text)
