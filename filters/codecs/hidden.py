"""What cannot be seen: bytes in variation selectors, bits in characters without width, tags; words that only
such characters part; and what is seen where tags stand between its letters.
"""

import re
from collections.abc import Iterator

import numpy as np

from filters.codecs.bytes_read import by_bits, by_blocks, shows
from filters.codecs.decoded import Decoded, widened

_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_TAGS = re.compile("[\U000e0020-\U000e007e]+")
_TOKEN = re.compile(r"\S+")
_NO_WIDTH = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_BITS = re.compile(f"[{_NO_WIDTH}]{{24,}}")
_RUBBED_OUT = re.compile(r"[^\s\x08]{0,64}(?:\x08+[^\s\x08]{0,64})+")
_BETWEEN = re.compile(f"(?<=[^\\W_])[\x00-\x07\x0e-\x1f\x7f{_NO_WIDTH}\ufe00-\ufe0f]+(?=[^\\W_])")


def read(text: str, start: int, end: int) -> Iterator[Decoded]:
    for match in _SELECTORS.finditer(text, start, end):
        data = bytes(map(_byte, match[0]))
        if shows(data):
            yield by_blocks(data, np.arange(*match.span()), 1, 1, "variation selectors")
    for match in _TAGS.finditer(text, start, end):
        places = np.arange(*match.span())
        shown = "".join(chr(ord(tag) - 0xE0000) for tag in match[0])
        ends = places + 1
        yield Decoded.of(f" {shown} ", [places[0], *places, places[-1]], [ends[0], *ends, ends[-1]], "tags")
    for match in _BITS.finditer(text, start, end):
        yield from _bits(match)
    if text.find("\b", start, end) >= 0:
        for match in _RUBBED_OUT.finditer(text, start, end):
            yield from _rubbed_out(match)
    for match in _BETWEEN.finditer(text, start, end):
        yield Decoded.of(" ", [match.start()], [match.end()], "unseen")


def untagged(text: str, start: int, end: int) -> Iterator[Decoded]:
    """The words without the tags in them, as they are seen."""
    if not _TAGS.search(text, start, end):
        return
    for match in _TOKEN.finditer(text, start, end):
        places = [place for place, sign in enumerate(match[0], match.start()) if not _TAGS.match(sign)]
        if places and len(places) < len(match[0]):
            seen = Decoded.of("".join(text[at] for at in places), places, [at + 1 for at in places], "seen")
            yield widened(seen, *match.span())


def _rubbed_out(match: re.Match[str]) -> Iterator[Decoded]:
    """Each backspace takes the character before it along."""
    kept: list[tuple[int, int]] = []
    first = match.start()
    for place, sign in enumerate(match[0], first):
        if sign != "\b":
            kept.append((place, place + 1))
        elif kept:
            begin, _ = kept.pop()
            before = kept.pop()[0] if kept else begin
            if before != begin:
                kept.append((before, place + 1))
    text = "".join(match.string[begin] for begin, _ in kept)
    if text:
        read = Decoded.of(text, [begin for begin, _ in kept], [end for _, end in kept], "rubbed out")
        yield widened(read, *match.span())


def _byte(selector: str) -> int:
    code = ord(selector)
    return code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16


def _bits(match: re.Match[str]) -> Iterator[Decoded]:
    """Two characters are the two bits, in either order; a third may part the bytes."""
    run = match[0]
    for zero, one in _pairs(run):
        kept = [place for place, sign in enumerate(run) if sign in (zero, one)]
        kept = kept[: len(kept) // 8 * 8]
        figures = "".join("1" if run[place] == one else "0" for place in kept)
        data = int(figures or "0", 2).to_bytes(len(kept) // 8, "big")
        if shows(data):
            yield by_bits(data, np.array(kept) + match.start(), 1, "bits without width")


def _pairs(run: str) -> Iterator[tuple[str, str]]:
    common = sorted(set(run), key=run.count, reverse=True)[:2]
    if len(common) == 2:
        yield common[0], common[1]
        yield common[1], common[0]
