"""What a few signs may say in any code, or in several: they are read in every way, whatever they look like.

Rules: their number bounds the work, so no sign of a code is asked for. Chance reads many things in a few
signs; so they are read only where it is known who is meant, and only what is forgotten of them counts.
"""

import binascii
import re
from collections.abc import Callable, Iterator, Sequence

from filters.codecs.base85 import ascii85, base85
from filters.codecs.bytes_read import LEAST
from filters.codecs.decoded import Decoded
from filters.codecs.radix import Radix
from filters.codecs.radixes import RADIXES
from filters.codecs.ways import WAYS

# Four bytes take five symbols at least.
FEWEST, MOST = 5, 64
_DEPTH = 3
# So many readings of one piece are read again.
_MOST_READ = 64
_TOKEN = re.compile(r"\S+")
_MARKS = ".,;:!?\"'`*()[]{}<>|_-#"
# What a code of letters and figures has, and what one of all signs has, behind a sign that begins a value.
_INNER = tuple(
    map(re.compile, (r"[A-Za-z0-9+/_-]{5,}", r"[A-Za-z0-9]{5,}", r"(?:(?![=:,;/|<>(){}\[\]\"'])[!-~]){5,}"))
)

Piece = tuple[int, int, str]


def pieces(text: str, start: int, readings: Sequence[Decoded]) -> Iterator[Piece]:
    """What is short from `start` on, with its place: words, bare or not, all of them together, and what was
    decoded.
    """
    words = [(match.start(), match.end()) for match in _TOKEN.finditer(text, start)]
    found = [(*word, one) for word in words for one in _bare(text[slice(*word)])]
    if len(words) > 1 and words[-1][1] - words[0][0] <= 2 * MOST:
        found.append((words[0][0], words[-1][1], "".join(text[slice(*word)] for word in words)))
    for reading in readings:
        for first, last in reading.fresh:
            if FEWEST <= last - first <= MOST:
                found += ((*reading.span(first, last), one) for one in _bare(reading.text[first:last]))
    yield from (piece for piece in dict.fromkeys(found) if FEWEST <= len(piece[2]) <= MOST)


def _bare(word: str) -> Iterator[str]:
    """As it stands, without a mark or all marks around it, and what is in it: some codes have marks too."""
    for begun in (word, word[1:]) if word[:1] in _MARKS else (word,):
        yield begun
        if begun[-1:] in _MARKS:
            yield begun[:-1]
    yield word.strip(_MARKS)
    for inner in _INNER:
        yield from inner.findall(word)


def sayings(symbols: str) -> Iterator[str]:
    """Each once, the nearest first."""
    seen, level = {symbols}, [symbols]
    for _ in range(_DEPTH):
        new = [said for text in level[:_MOST_READ] for said in _undone(text)]
        level = [said for said in dict.fromkeys(new) if said not in seen]
        seen.update(level)
        yield from level


def _undone(symbols: str) -> Iterator[str]:
    """With one code undone, which may have been written once more in some way."""
    if not symbols.isascii():
        return
    for written in (symbols, *(way(symbols) for way in WAYS)):
        for decode in _DECODERS:
            if said := _said(decode(written)):
                yield said


def _said(data: bytes) -> str:
    """The text that the bytes are; nothing where any of it could not be seen."""
    if len(data) < LEAST:
        return ""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if text.replace("\n", "").isprintable() else ""


def _by(radix: Radix) -> Callable[[str], bytes]:
    """Letters of one case stand for those of the other where no code has both."""
    alphabet = radix.words

    def decode(symbols: str) -> bytes:
        found = alphabet.fullmatch(symbols if radix.bits == 6 else symbols.upper())
        return radix.decoded(found["symbols"].strip("=")) if found else b""

    return decode


def _uu(symbols: str) -> bytes:
    try:
        return binascii.a2b_uu(symbols)
    except ValueError:
        return b""


_DECODERS = (*map(_by, RADIXES), ascii85, base85, _uu)
