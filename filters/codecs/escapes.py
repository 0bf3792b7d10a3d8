"""Escapes: single characters of a text written as codes, among others that are not.

Percent and quoted-printable bytes, HTML entities, backslash escapes and code points ("U+0041"). Rule:
what is no valid escape stays as it is.
"""

import html
import re
from collections.abc import Iterator

import numpy as np

from filters.codecs.bytes_read import by_bits
from filters.codecs.decoded import NOTHING, Decoded
from filters.codecs.ways import WAYS

_HEX = "[0-9A-Fa-f]"
# What goes on with figures of base 16 is a number that a name is given in an address.
_NO_NUMBER = rf"(?!(?=[A-Fa-f]{{0,3}}\d){_HEX}{{4}})"
_ESCAPES = re.compile(
    rf"(?P<percent>(?:%{_HEX}{{2}})+)"
    rf"|(?P<quoted>(?:={_HEX}{{2}})+{_NO_NUMBER})"
    rf"|(?P<comment><!--[^<>]{{0,64}}-->)"
    rf"|(?P<soft>=[ \t]*\r?\n)"
    rf"|(?P<bytes>(?:\\x{_HEX}{{2}})+)"
    rf"|(?P<entity>&(?:\#\d{{1,8}}|\#[xX]{_HEX}{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});?)"
    rf"|(?P<pair>\\u[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}})"
    rf"|(?P<point>(?:\\u|%u|\\U000|\\U|\\x\{{|\\u\{{|[uU]\+){_HEX}{{2,6}}\}}?)"
    rf"|(?P<octal>\\[0-7]{{2,3}})"
    r"|(?P<blank>\\[nrtvf])"
)
_POINT = re.compile(rf"{_HEX}{{2,6}}(?=\}}?$)")
_LINES = re.compile(r"(?<!\S)\S*=(?=[ \t]*\r?\n)")
_PADDED = re.compile("[AQgw]==$|[AEIMQUYcgkosw048]=$")
_SEVERAL = 3
_FIXED = 4
TURNED = "turned"
# So many characters tell; of what was turned an eighth is escapes. Backwards, bytes in percent signs are
# escapes too, nearly as many.
_HEAD = 400
_FEW, _LEAST_TURNED, _PART, _SHARE = 4, 12, 8, 0.8


def read(text: str, start: int, end: int) -> Iterator[Decoded]:
    last = -9
    padded = _are_padded(text, start, end)
    for match in _ESCAPES.finditer(text, start, end):
        if padded and match["soft"]:
            continue
        found = _meaning(match)
        if found is not None:
            # Code points stand apart from each other in a word.
            if match["point"] and match["point"][0] in "uU" and 0 <= match.start() - last <= 2:
                found = _from(found, last)
            last = found.end
            yield found


def _are_padded(text: str, start: int, end: int) -> bool:
    """Whether its lines end in the padding of base64, which looks like soft line breaks."""
    lines = [line[0] for line in _LINES.finditer(text, start, end)]
    return len(lines) >= _SEVERAL and all(len(line) % 4 == 0 and _PADDED.search(line) for line in lines)


def turned(text: str, start: int, end: int) -> Iterator[Decoded]:
    """The stretch before it was written backwards or in other letters, where that makes escapes of it."""
    raw = text[start:end]
    head, tail = raw[:_HEAD], raw[-_HEAD:]
    if max(sum(map(side.count, "%=\\&")) for side in (head, tail)) < _FEW:
        return
    least = max(_LEAST_TURNED, len(head) // _PART, _SHARE * _escaped(head))
    for way in WAYS:
        shown = way(tail if way.backwards else head)
        if shown not in (head, tail) and _escaped(shown) >= least:
            places = np.arange(start, end)
            places = places[::-1] if way.backwards else places
            yield Decoded.of(way(raw), places, places + 1, TURNED)


def _escaped(text: str) -> int:
    """How much of its beginning is escapes."""
    return sum(match.end() - match.start() for match in _ESCAPES.finditer(text, 0, _HEAD))


def _meaning(match: re.Match[str]) -> Decoded | None:
    kind, start, end = match.lastgroup, match.start(), match.end()
    raw = match[0]
    match kind:
        case "percent" | "quoted":
            return _bytes(raw, start, 3, raw[0], "percent" if kind == "percent" else "quoted-printable")
        case "bytes":
            return _bytes(raw, start, 4, "\\x", "escapes")
        case "entity":
            meaning = html.unescape(raw)
            # Of some numbers, those of control characters, there is nothing to be seen.
            return None if meaning == raw else _one(meaning or NOTHING, start, end, "entities")
        case "point":
            return _code_point(raw, start)
        case "pair":
            return _one(
                raw.encode().decode("unicode_escape").encode("utf-16", "surrogatepass").decode("utf-16"),
                start,
                end,
                "escapes",
            )
        case "octal":
            return _one(chr(int(raw[1:], 8)), start, end, "escapes")
        case "blank":
            return _one(" ", start, end, "escapes")
    return _one(NOTHING, start, end, "quoted-printable")


def _bytes(raw: str, start: int, size: int, mark: str, view: str) -> Decoded:
    """Each byte is written in so many characters."""
    data = bytes.fromhex(raw.replace(mark, ""))
    found = by_bits(data, np.arange(len(data)), 8, view)
    return Decoded.of(found.text, found.starts * size + start, found.ends * size + start, view)


def _code_point(raw: str, start: int) -> Decoded | None:
    """Of a fixed-width escape only its four digits count; the rest is text."""
    digits = _POINT.search(raw)
    if digits is None:
        return None
    figures = digits[0]
    if raw[:2] in ("\\u", "%u") and raw[2] != "{":
        if len(figures) < _FIXED:
            return None
        figures = figures[:_FIXED]
    code = int(figures, 16)
    end = start + digits.start() + len(figures) + (raw[-1] == "}")
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return None
    return _one(chr(code), start, end, "code points" if raw[0] in "uU" else "escapes")


def _one(text: str, start: int, end: int, view: str) -> Decoded:
    return Decoded.of(text, [start] * len(text), [end] * len(text), view)


def _from(found: Decoded, start: int) -> Decoded:
    starts = found.starts.copy()
    starts[0] = start
    return Decoded(found.text, starts, found.ends, found.view, found.fresh)
