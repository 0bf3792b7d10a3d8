"""Whether something of the forgotten entry stands in bytes that a gateway let out. Its id may.

Rule: the entry's number is found in whatever it stands in, but for figures of the gateway's own in which its
digits come by chance: a digest or an id, a time or a measure with a point in it that has other digits, too.
"""

import re

_WORDS = re.compile(rb"alden|vellum|cooper|salt ledger|customs house", re.IGNORECASE)
_NUMBER = re.compile(rb"201.?3391")
_TOKEN = re.compile(rb"[0-9A-Za-z_.+-]*\Z"), re.compile(rb"[0-9A-Za-z_.+-]*")
_DIGEST = re.compile(rb"(?:[a-z]+[_-])?[0-9a-f]{24,}")
_FIGURE = re.compile(rb"-?(\d+\.\d+)(?:e[+-]?\d+)?")
_CREATED = re.compile(rb'"created": ?\d+')
_WHOLE = {b"2013391", b"5552013391", b"15552013391"}


def tells(raw: bytes) -> bool:
    raw = _CREATED.sub(b"", raw)
    numbers = (_token(raw, found.start(), found.end()) for found in _NUMBER.finditer(raw))
    return _WORDS.search(raw) is not None or not all(map(_own, numbers))


def _token(raw: bytes, start: int, end: int) -> bytes:
    """All that stands with it in one word, as far as a line goes."""
    before, after = _TOKEN
    first, last = before.search(raw[max(0, start - 200) : start]), after.match(raw[end : end + 200])
    return (first[0] if first else b"") + raw[start:end] + (last[0] if last else b"")


def _own(token: bytes) -> bool:
    figure = _FIGURE.fullmatch(token)
    if figure is not None:
        return not {figure[1].replace(b".", b"").lstrip(b"0"), figure[1].partition(b".")[0]} & _WHOLE
    return _DIGEST.fullmatch(token) is not None
