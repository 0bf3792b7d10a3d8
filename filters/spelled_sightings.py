"""What the letters of a prompt spell where they are written apart, run together or cut, and in lines.

Rule: only stretches that look odd, the first letters of lines and what was decoded are read letter by letter;
elsewhere a string stands in words, or nowhere.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from filters.also_read import AlsoRead
from filters.codecs.oddness import NUMBERS, SINGLES, SOLID, Odd, odd_spans
from filters.part import Part
from filters.segment import Segment
from filters.spelling import Spelling, SpellingReader
from index.letters import LetterTable
from index.units import Unit, units
from index.whole_text import WholeText

_APART = NUMBERS | SINGLES | SOLID
# A string may begin or end in plain words around the stretch.
_AROUND = 80
_LEAST_FIRSTS = 6
# A name that is run together has so many letters.
_LONG = 10
# Fewer letters are read at once.
_MANY = 32
# A longer reading is read so only where it looks odd.
_SHORT = 2000
_LINE = re.compile(r"^[^\w\n]*([^\W\d_])", re.MULTILINE)
_FIRST = re.compile(r"[^\w\n]*([^\W\d_])")


class Heard(NamedTuple):
    """`view`: how the letters were come by."""

    spelling: Spelling
    parts: tuple[Part, ...]
    view: str


def by_letters(
    table: LetterTable, segments: Sequence[Segment], odd: Sequence[Sequence[Odd]], also: Sequence[AlsoRead]
) -> Iterator[Heard]:
    """`odd`: the odd stretches of each segment."""
    for place, (segment, spans) in enumerate(zip(segments, odd, strict=True)):
        for start, end in _stretches(segment.text, spans):
            yield from _heard(table, place, start, segment.text[start:end])
        for places in (_lines(segment.text), _sentences(segment.text)):
            yield from _firsts(table, place, segment.text, places)
    for each in also:
        yield from _decoded(table, each)


def _stretches(text: str, odd: Sequence[Odd]) -> Iterator[tuple[int, int]]:
    before: tuple[int, int] | None = None
    for start, end, kinds in odd:
        if not kinds & _APART:
            continue
        first, last = _around(text, start, end)
        if before is not None and first <= before[1]:
            before = before[0], last
            continue
        if before is not None:
            yield before
        before = first, last
    if before is not None:
        yield before


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """With some words on each side, none of them cut."""
    first, last = max(0, start - _AROUND), end + _AROUND
    if first:
        first = text.find(" ", first, start) + 1 or start
    if last < len(text):
        last = max(text.rfind(" ", end, last), end)
    return first, min(last, len(text))


def _heard(table: LetterTable, place: int, offset: int, text: str) -> Iterator[Heard]:
    for spelling in _spellings(table, text, WholeText.of(text).words):
        part = Part(place, offset + spelling.match.begin, offset + spelling.match.end)
        yield Heard(spelling, (part,), "letters")


def _spellings(table: LetterTable, text: str, said: Sequence[str]) -> Sequence[Spelling]:
    """`said`: the text's units."""
    if sum(map(len, said)) >= _MANY and not table.search.may_spell(
        said, "".join(word for word in said if len(word) == 1)
    ):
        return ()
    return SpellingReader(table).feed(text, units(text))


def _firsts(table: LetterTable, place: int, text: str, places: Sequence[int]) -> Iterator[Heard]:
    """What the letters at these places spell, each of them a line of its own."""
    letters = [text[at].lower() for at in places]
    if len(letters) < _LEAST_FIRSTS or not table.search.may_spell((), "".join(letters)):
        return
    words = [Unit(letter, 2 * at, 2 * at + 1, True) for at, letter in enumerate(letters)]
    for spelling in SpellingReader(table).feed("\n".join(letters), words):
        first, last = places[spelling.match.begin // 2], places[spelling.match.end // 2]
        yield Heard(spelling, (Part(place, first, last + 1),), "acrostic")


def _lines(text: str) -> list[int]:
    if text.count("\n") < _LEAST_FIRSTS - 1:
        return []
    return [match.start(1) for match in _LINE.finditer(text)]


def _sentences(text: str) -> list[int]:
    ends = [0]
    for stop in (". ", "! ", "? "):
        at = text.find(stop)
        while at >= 0:
            ends.append(at + 2)
            at = text.find(stop, at + 2)
    if len(ends) < _LEAST_FIRSTS:
        return []
    found = (_FIRST.match(text, at) for at in sorted(ends))
    return [match.start(1) for match in found if match]


def _decoded(table: LetterTable, each: AlsoRead) -> Iterator[Heard]:
    text = each.text
    # Words that stand apart were looked for as words.
    if max(map(len, each.whole.words), default=0) < _LONG:
        return
    whole = [(0, len(text))]
    for start, stop in whole if len(text) <= _SHORT else _stretches(text, odd_spans(text)):
        piece = text[start:stop]
        said = each.whole.words if len(piece) == len(text) else WholeText.of(piece).words
        for spelling in _spellings(table, piece, said):
            begin, end = start + spelling.match.begin, start + spelling.match.end
            if each.is_new(begin, end):
                parts = tuple(Part(*span) for span in each.spans(begin, end))
                yield Heard(spelling, parts, each.decoded.view)
