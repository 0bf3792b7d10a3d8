"""UU: lines that begin with their own length.

Rule: it is one when so many symbols follow as its first character says, and it reads.
"""

import binascii
import re
from collections.abc import Iterator

import numpy as np

from filters.codecs.bytes_read import LEAST, by_bits, readable, wordy
from filters.codecs.decoded import Decoded, joined, widened

_WORD = re.compile(r"\S+")
# A line may stand behind a quote or a bracket.
_BEFORE = 3


def read(text: str, start: int, end: int) -> Iterator[Decoded]:
    at = start
    for word in _WORD.finditer(text, start, end):
        if word.start() < at or wordy(word[0]):
            continue
        for first in range(word.start(), min(word.start() + _BEFORE, word.end())):
            lines = list(_lines(text, first))
            if lines:
                yield joined(lines)
                at = lines[-1].end
                break


def _lines(text: str, start: int) -> Iterator[Decoded]:
    found = _line(text, start, LEAST)
    while found is not None:
        yield found
        start = found.end + 1
        # The last line has what is left.
        found = _line(text, start, 1) if text[start - 1 : start] == "\n" else None


def _line(text: str, start: int, least: int) -> Decoded | None:
    size = (ord(text[start]) - 32) & 63 if start < len(text) else 0
    if size < least:
        return None
    first, last = start + 1, start + 1 + -(-size // 3) * 4
    line = text[start:last].partition("\n")[0]
    # Trailing spaces, which stand for zeros, are often lost.
    if last - start - len(line) > 3:
        return None
    try:
        data = binascii.a2b_uu(line)
    except (ValueError, binascii.Error):
        return None
    if least >= LEAST and not readable(data):
        return None
    found = by_bits(data, np.arange(first, last).clip(max=start + len(line) - 1), 6, "uu")
    return widened(found, start, start + len(line))
