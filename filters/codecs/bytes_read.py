"""Bytes as text: what a code of bytes says, and which of its symbols each character came from.

Rule: bytes that do not read are no text (None): most of what merely looks like a code ends here.
"""

import codecs
import re

import numpy as np

from filters.codecs.decoded import Decoded, Offsets

_READABLE = bytes(range(32, 127)) + b"\b\t\n\r"
_PLAIN = bytes(code for code in range(128) if chr(code).isalnum()) + b" .,'-/:@+%=&\n"
_HIGH = bytes(range(128, 256))
# What no character of UTF-8 begins with.
_INNER = bytes(range(0x80, 0xC0))
_BLOCK = 48
_SHOWN = dict.fromkeys(_READABLE)
# By chance that many signs show once in ten thousand million times.
_SURE = 24
# With a vowel among its first letters.
_WORDS = re.compile(r"[A-Z]?(?=[a-z]{0,3}[aeiouy])[a-z]{3,}")
# Of what decodes by chance a third is readable.
_SHARE = 0.85
LEAST = 4
# Of what is shorter all must read, or chance would.
_SHORT = 12


def wordy(symbols: str) -> bool:
    """Whether a word is made of words of a language, as the names of programs are: a code looks so once in
    ten thousand times.
    """
    return 10 * sum(map(len, _WORDS.findall(symbols))) >= 7 * sum(map(str.isalnum, symbols))


def readable(data: bytes) -> bool:
    """Whether it is text: ASCII, or anything else that is UTF-8, or either in 16 bits."""
    if 3 * data.count(0) >= len(data):
        data = data.replace(b"\0", b"")
    if len(data) < _SHORT and data.translate(None, _PLAIN):
        return len(data) >= 2 * LEAST and bool(data.translate(None, _READABLE)) and _is_utf8(data)
    others = data.translate(None, _READABLE)
    if len(others) > (1 - _SHARE) * len(data) and len(data) >= 2 * LEAST and _is_utf8(data):
        others = others.translate(None, _HIGH)
    return len(data) >= LEAST and len(others) <= (1 - _SHARE) * len(data)


def shows(data: bytes) -> bool:
    """Whether it is text, of whatever marks, where it is no chance that it is a code."""
    return readable(data) or (len(data) >= LEAST and not data.translate(None, _READABLE))


def may_begin(data: bytes, size: int) -> bool:
    """Whether so many bytes that begin with these may be text."""
    data = data.replace(b"\0", b"")
    return len(data.translate(None, _READABLE)) <= (1 - _SHARE) * size or _is_utf8(data)


def is_language(text: str) -> bool:
    """Whether so much reads without a flaw, and half of it in words, that it is no chance. Without words it
    may be another code, written some other way: of what repeats itself every cut shows.
    """
    flawless = len(text) >= _SURE and text.isascii() and not text.translate(_SHOWN)
    return flawless and 2 * sum(map(len, _WORDS.findall(text))) >= sum(map(str.isalnum, text))


def legible(data: bytes) -> bytes:
    """Blanks for what does not read beside what does: whatever stands behind a code, or is not in step."""
    if len(data) <= _BLOCK or readable(data):
        return data
    blocks = (data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK))
    return b"".join(
        block if readable(block.lstrip(_INNER)) or len(block) < LEAST else b" " * len(block)
        for block in blocks
    )


def _is_utf8(data: bytes) -> bool:
    """Also where the last character is cut."""
    try:
        codecs.utf_8_decode(data, "strict", False)
    except UnicodeDecodeError:
        return False
    return True


def text_of(data: bytes) -> tuple[str, Offsets]:
    """The text, and the byte that each of its characters begins with."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1"), np.arange(len(data))
    kinds = np.frombuffer(data, dtype=np.uint8)
    return text, np.flatnonzero((kinds & 0xC0) != 0x80)


def by_bits(data: bytes, places: Offsets, bits: int, view: str) -> Decoded:
    """Where each symbol, at `places`, holds so many bits of the bytes."""
    text, first = text_of(data)
    last = np.append(first[1:], len(data))
    starts = places[np.minimum(first * 8 // bits, len(places) - 1)]
    ends = places[np.minimum((last * 8 - 1) // bits, len(places) - 1)] + 1
    return _of(text, starts, ends, view)


def by_blocks(data: bytes, places: Offsets, symbols: int, size: int, view: str) -> Decoded:
    """Where so many symbols stand for so many bytes, all of them together."""
    text, first = text_of(data)
    last = np.append(first[1:], len(data)) - 1
    starts = places[np.minimum(first // size * symbols, len(places) - 1)]
    ends = places[np.minimum((last // size + 1) * symbols, len(places)) - 1] + 1
    return _of(text, starts, ends, view)


def _of(text: str, starts: Offsets, ends: Offsets, view: str) -> Decoded:
    # Backwards the first symbol stands behind the last.
    return Decoded.of(text, np.minimum(starts, ends - 1), np.maximum(ends, starts + 1), view)
