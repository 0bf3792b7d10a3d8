"""Base85 and ascii85: five symbols for four bytes, of nearly all the signs there are.

Rule: any word without spaces, or several lines of one, may be such a code; it is one when it decodes to text.
"""

import base64
import re
from collections.abc import Callable, Iterator

import numpy as np

from filters.codecs.bytes_read import by_blocks, may_begin, readable, wordy
from filters.codecs.decoded import Decoded, Offsets

_WORDS = re.compile(r"[!-~]{7,}(?:\s{1,3}[!-~]+)*")
_WORD = re.compile(r"[!-~]{7,}")
_WRAPPED = re.compile(r"<~(.*?)(?:~>|$)", re.DOTALL)
_HEAD, _FIRST = 40, 15
_LONG, _FEW = 20, 24
# The first symbols of blocks that begin with a byte from 32 to 127.
_FIRSTS_ASCII = bytes(range(33 + 10, 33 + 42)) + b"z"
_FIRSTS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
# Signs of a sentence that are symbols too.
_BEHIND = ".,;:!?)]\"'"


def read(text: str, start: int, end: int) -> Iterator[Decoded]:
    tried: set[tuple[int, int]] = set()
    for pattern, group in ((_WRAPPED, 1), (_WORDS, 0), (_WORD, 0)):
        for match in pattern.finditer(text, start, end):
            span = match.span(group)
            if span not in tried and _may_be("".join(text[slice(*span)].split())):
                tried.add(span)
                yield from _read(text, *span)


def _may_be(symbols: str) -> bool:
    """A quarter of its symbols are signs: one among many there always is."""
    lettered = symbols.isalnum() and (len(symbols) > _FEW or symbols.isdecimal())
    return symbols.isascii() and not (lettered or wordy(symbols))


def _read(text: str, start: int, end: int) -> Iterator[Decoded]:
    symbols = "".join(text[start:end].split())

    def places() -> Offsets:
        found = np.arange(start, end)
        if len(symbols) == end - start:
            return found
        return found[[not sign.isspace() for sign in text[start:end]]]

    for bare in dict.fromkeys((symbols, symbols.rstrip(_BEHIND))):
        for decode, view, firsts in ((ascii85, "ascii85", _FIRSTS_ASCII), (base85, "base85", _FIRSTS)):
            found = _any(bare, places, decode, view, firsts)
            if found is not None:
                yield found


def _any(
    symbols: str, places: Callable[[], Offsets], decode: Callable[[str], bytes], view: str, firsts: bytes
) -> Decoded | None:
    """From any symbol on: a quote before it, or a cut, moves all blocks. What is short was not cut."""
    for skipped in range(5 if len(symbols) > _LONG or not symbols[0].isalnum() else 1):
        rest = symbols[skipped:]
        if _may_show(rest, firsts) and _begins(rest, decode) and readable(decode(rest[:_HEAD])):
            data = decode(rest)
            if data:
                return by_blocks(data, places()[skipped:], 5, 4, view)
    return None


def _may_show(symbols: str, firsts: bytes) -> bool:
    """Whether its blocks begin like those of ASCII, or none of them does, as in other scripts."""
    begins = symbols[:_HEAD:5].encode("ascii")
    others = len(begins.translate(None, firsts))
    return 4 * others <= len(begins) or others == len(begins)


def _begins(symbols: str, decode: Callable[[str], bytes]) -> bool:
    """Whether its first blocks may be those of what reads: they take a third of the time."""
    if len(symbols) < _HEAD or "z" in symbols[:_FIRST]:
        return True
    data = decode(symbols[:_FIRST])
    return bool(data) and may_begin(data, _HEAD * 4 // 5)


def ascii85(symbols: str) -> bytes:
    try:
        return base64.a85decode(symbols.replace("z", "!!!!!") if "z" in symbols else symbols)
    except ValueError:
        return b""


def base85(symbols: str) -> bytes:
    try:
        return base64.b85decode(symbols)
    except ValueError:
        return b""
