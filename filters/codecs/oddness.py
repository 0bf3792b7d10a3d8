"""The cheap trigger: the stretches of a text that do not read like language.

Rule: it only saves work. What it lets through is tried by the readers; what it leaves out, no reader here
would read. One pass in bulk: every character has a class, and some pairs of classes are rare in prose.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import repeat
from typing import NamedTuple
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

# What a character is.
_LOWER, _UPPER, _DIGIT, _SPACE, _STOP, _DASH, _ESCAPE, _SIGN, _HIDDEN, _MARK, _SYMBOL = range(11)
# What is odd about a stretch: two alphabets in one word, what begins escapes, several joints, numbers in a
# row, signs that stand alone, what cannot be seen, single letters in a row, an endless word.
MIXED, ESCAPED, JOINED, NUMBERS, SIGNS, HIDDEN, SINGLES, SOLID = (1 << bit for bit in range(8))
ANY = 255
# Of a pair only: a letter or digit begins or ends a word here.
_BEGINS, _ENDS = SINGLES, SOLID
_AT_ONCE = MIXED | ESCAPED | SIGNS | HIDDEN

# So far apart two odd places still belong together: a line break, a separator and a short word.
_GAP = 12
_LONG = 16
# What is odd only where several stand close: how many, in how many characters.
_CLOSE = ((JOINED, 2, 16), (NUMBERS, 3, 22), (SINGLES, 3, 14))
_UNKNOWN = 255
_FEW = 16

_CLASS_OF = dict(
    [
        *zip(".,;:?·•∙⋅．", repeat(_STOP)),
        *zip("-_–—−*－", repeat(_DASH)),
        *zip("%&\\=+#@$!％＆＼＝＋＃＠", repeat(_ESCAPE)),
        *zip("<>{}|~^`/[]", repeat(_SIGN)),
    ]
)
_CLASS_OF_CATEGORY = {
    "Lu": _UPPER, "Lt": _UPPER, "Nd": _DIGIT, "Zs": _SPACE, "Zl": _SPACE, "Zp": _SPACE, "Cf": _HIDDEN,
    "Cc": _HIDDEN, "Cn": _HIDDEN, "Co": _HIDDEN, "So": _SYMBOL, "Sk": _SYMBOL, "Sm": _SYMBOL,
}  # fmt: skip


class Odd(NamedTuple):
    """A stretch of whole words, and what is odd about it."""

    start: int
    end: int
    kinds: int


def _class(character: str) -> int:
    if character in _CLASS_OF:
        return _CLASS_OF[character]
    if character.isspace():
        return _SPACE
    if "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return _HIDDEN
    kind = category(character)
    return _CLASS_OF_CATEGORY.get(kind, _LOWER if kind[0] in "LM" else _MARK)


def _oddness(before: int, now: int) -> int:
    """What is odd about two neighbours, as bits."""
    words = (_LOWER, _UPPER, _DIGIT)
    odd = 0
    if before in words and now in words:
        odd |= MIXED if (before, now) == (_LOWER, _UPPER) or (before == _DIGIT) != (now == _DIGIT) else 0
    elif now in words:
        odd |= _BEGINS
        odd |= NUMBERS if now == _DIGIT else 0
        odd |= JOINED if before in (_STOP, _DASH, _SIGN, _SYMBOL, _ESCAPE) else 0
    elif before in words:
        odd |= _ENDS
    if _HIDDEN in (before, now):
        odd |= HIDDEN
    if _ESCAPE in (before, now) and (_SPACE not in (before, now) or before == _ESCAPE):
        odd |= ESCAPED
    if (before in (_SPACE, _STOP, _DASH) and now in (_STOP, _DASH) and (before, now) != (_STOP, _STOP)) or (
        now in (_SIGN, _SYMBOL) and before not in (_SPACE, now)
    ):
        odd |= SIGNS
    return odd | (SIGNS if before == _SPACE and now == _SYMBOL else 0)


_CLASSES = bytes(_class(chr(code)) for code in range(128)) + bytes(repeat(_MARK, 128))
_PAIRS = bytes(_oddness(pair >> 4, pair & 15) for pair in range(256))
_SOLID_OF = bytes(32 if kind == _SPACE else 120 for kind in range(16)).ljust(256, b"x")
_EDGE = bytes([_SPACE])
_ENDLESS = b"x" * _LONG
_SOME = np.uint8(_AT_ONCE | JOINED | NUMBERS)
_SINGLE = np.uint8(SINGLES)


def odd_spans(text: str) -> list[Odd]:
    """In order; they neither overlap nor touch."""
    classes = _classes(text)
    around = np.frombuffer(classes, dtype=np.uint8)
    flags = np.frombuffer((around[:-1] << 4 | around[1:]).tobytes().translate(_PAIRS), dtype=np.uint8)
    odd = flags & _SOME
    odd[:-1] |= (flags[:-1] & flags[1:] >> 1) & _SINGLE
    places = np.flatnonzero(odd != 0)
    solid = classes[1:-1].translate(_SOLID_OF)
    kinds = odd[places]
    if len(places) <= _FEW and _ENDLESS not in solid:
        few = list(zip(places.tolist(), kinds.tolist(), strict=True))
        return list(_merged(_few_clusters(_few_dense(few), solid))) if few else []
    if len(places):
        places, kinds = _dense(places, kinds)
    if _ENDLESS in solid:
        places, kinds = _with_endless(places, kinds, solid)
    return list(_merged(_clusters(places, kinds, solid))) if len(places) else []


def _classes(text: str) -> bytes:
    """The class of every character, between two spaces."""
    if text.isascii():
        return b"".join((_EDGE, text.encode("ascii").translate(_CLASSES), _EDGE))
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    table = _class_table()
    classes = table.take(codes, mode="clip")
    if int(classes.max()) == _UNKNOWN:
        new = np.unique(codes[classes == _UNKNOWN])
        table[new] = [_class(chr(code)) for code in new.tolist()]
        classes = table.take(codes, mode="clip")
    return b"".join((_EDGE, classes.tobytes(), _EDGE))


@cache
def _class_table() -> Bytes:
    """The class of each code point; it is looked up when it is first met."""
    return np.full(0x110000, _UNKNOWN, dtype=np.uint8)


def _few_dense(few: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same as `_dense`, of a few places: an array has a price of its own."""
    odd = {place: kinds & _AT_ONCE for place, kinds in few}
    for kind, count, within in _CLOSE:
        where = [place for place, kinds in few if kinds & kind]
        for first, last in zip(where, where[count - 1 :], strict=False):
            if last - first <= within:
                for place in where[where.index(first) : where.index(last) + 1]:
                    odd[place] |= kind
    return [(place, kinds) for place, kinds in odd.items() if kinds]


def _few_clusters(few: Sequence[tuple[int, int]], solid: bytes) -> Iterator[Odd]:
    """The same as `_clusters`, of a few places."""
    for place, kinds in few:
        end = solid.find(b" ", place)
        yield Odd(solid.rfind(b" ", 0, place + 1) + 1, len(solid) if end < 0 else end, kinds)


def _dense(places: Places, kinds: Bytes) -> tuple[Places, Bytes]:
    """Without the places of kinds that are odd only where several stand close, and do not."""
    odd: Bytes = kinds & np.uint8(_AT_ONCE)
    for kind, count, within in _CLOSE:
        at = np.flatnonzero(kinds & kind)
        where = places[at]
        firsts = np.flatnonzero(where[count - 1 :] - where[: len(where) - count + 1] <= within)
        for shift in range(count):
            odd[at[firsts + shift]] |= np.uint8(kind)
    kept = np.flatnonzero(odd)
    return places[kept], odd[kept]


def _with_endless(places: Places, kinds: Bytes, solid: bytes) -> tuple[Places, Bytes]:
    """With the words that do not end."""
    found, at = [], solid.find(_ENDLESS)
    while at >= 0:
        found.append(at)
        end = solid.find(b" ", at)
        at = solid.find(_ENDLESS, end) if end >= 0 else -1
    places = np.concatenate((places, np.array(found, dtype=np.int64)))
    endless: Bytes = np.concatenate((kinds, np.full(len(found), SOLID, dtype=np.uint8)))
    order = np.argsort(places, kind="stable")
    return places[order], endless[order]


def _clusters(places: Places, kinds: Bytes, solid: bytes) -> Iterator[Odd]:
    """Odd places that stand together, with the words they stand in."""
    begins = np.flatnonzero(np.diff(places, prepend=places[0] - _GAP - 1) > _GAP)
    what = np.bitwise_or.reduceat(kinds, begins).tolist()
    firsts = places[begins].tolist()
    lasts = places[np.append(begins[1:], len(places)) - 1].tolist()
    for first, last, kind in zip(firsts, lasts, what, strict=True):
        end = solid.find(b" ", last)
        yield Odd(solid.rfind(b" ", 0, first + 1) + 1, len(solid) if end < 0 else end, kind)


def _merged(spans: Iterator[Odd]) -> Iterator[Odd]:
    before: Odd | None = None
    for span in spans:
        if before is not None and span.start <= before.end + _GAP:
            before = Odd(before.start, max(before.end, span.end), before.kinds | span.kinds)
            continue
        if before is not None:
            yield before
        before = span
    if before is not None:
        yield before
