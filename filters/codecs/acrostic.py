"""First letters: of lines, of sentences, of words.

Rule: a text of enough lines, sentences or words has each of its rows of first letters read; no border of
a word is known in them, so only what is known joined is found there.
"""

import re
from collections.abc import Iterator

from filters.codecs.decoded import Decoded

LEAST = 6
_LINES = re.compile(r"^[\W_]*([^\W_])", re.MULTILINE)
_SENTENCES = re.compile(r"(?:\A|[.!?…][\"'”’)\]]*\s)[\W_]*([^\W_])")


def lines(text: str) -> Iterator[Decoded]:
    if text.count("\n") >= LEAST - 1:
        yield from _firsts(_LINES, text)


def sentences(text: str) -> Iterator[Decoded]:
    if sum(map(text.count, (". ", "! ", "? "))) >= LEAST - 1:
        yield from _firsts(_SENTENCES, text)


def _firsts(pattern: re.Pattern[str], text: str) -> Iterator[Decoded]:
    places = [match.start(1) for match in pattern.finditer(text)]
    if len(places) >= LEAST:
        read = "".join(text[place] for place in places)
        yield Decoded.of(read, places, [place + 1 for place in places], "acrostic")
