"""A prompt that would be refused goes on to the model so that its answer looks like any other.

Rules:
1. In place of a name stands one that nobody has: for one entry always the same, and none that the prompt
   says itself.
2. Of a line that holds a name, and of a sentence that is near an entry, words of a closed list remain, by
   which things are asked, and no others: what else is said there may be a guess, and whether it is right
   must not show.
3. Elsewhere what was found is cut, as in any prompt.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from zlib import crc32

from filters.regions import REMOVED, regions, touches, without
from filters.segment import Found, Segment
from policy.finding import Detector, Span

_WORD = re.compile(r"\w+")
# What stands between words and can hold no guess.
_BETWEEN = re.compile(r"[^\s.,;:?!'’]")
_LINE = re.compile(r"[^\n]+")
_OWN = re.compile(r"['’]s?\Z", re.IGNORECASE)
_NEAR = frozenset({Detector.SEMANTIC, Detector.JUDGE})


@dataclass(frozen=True, slots=True)
class Worn:
    """What stands in for an entry, and the name that the client wrote in its place."""

    stand_in: str
    written: str


@dataclass(frozen=True, slots=True)
class Cloak:
    """Of one prompt: by their ids, what stands in for the entries that it names."""

    worn: Mapping[str, Worn]

    @staticmethod
    def over(segments: Sequence[Segment], found: Sequence[Found], names: Sequence[str]) -> "Cloak":
        said = "\n".join(segment.text for segment in segments).casefold()
        free = [name for name in names if name.casefold() not in said]
        worn: dict[str, Worn] = {}
        for one in filter(_is_plain_name, found):
            entry = one.finding.entry
            if entry not in worn and free:
                stand_in = free.pop(crc32(entry.encode()) % len(free))
                worn[entry] = Worn(stand_in, _written(segments[one.segment].text, one.finding.span))
        return Cloak(worn)

    def text(self, segment: Segment, found: Sequence[Found]) -> str:
        """A text as it goes on."""
        spans = regions([one.finding.span for one in found])
        if segment.path[-1:] == ("arguments",):
            return without(segment.text, [Span(*span) for span in spans])
        names = sorted((one for one in found if _is_plain_name(one)), key=lambda one: one.finding.span.start)
        pieces, last = list[str](), 0
        for start, end in regions(list(_asked(segment.text, found))):
            inside = _beginning(names, start, end)
            pieces += [
                _rest(segment.text, last, start, spans),
                self._reduced(segment.text, start, end, inside),
            ]
            last = end
        return "".join([*pieces, _rest(segment.text, last, len(segment.text), spans)])

    def _reduced(self, text: str, start: int, end: int, names: Sequence[Found]) -> str:
        """A line of which only words remain that ask."""
        pieces = list[str]()
        for one in names:
            span, worn = one.finding.span, self.worn.get(one.finding.entry)
            if span.start >= start:
                owned = text[span.start : span.end][len(_written(text, span)) :]
                pieces += [_words(text[start : span.start]), (worn.stand_in if worn else REMOVED) + owned]
                start = span.end
        return "".join([*pieces, _words(text[start:end])])


def _is_plain_name(one: Found) -> bool:
    return one.finding.detector is Detector.NAME and not one.view


def _written(text: str, span: Span) -> str:
    return _OWN.sub("", text[span.start : span.end])


def _asked(text: str, found: Sequence[Found]) -> Iterator[Span]:
    """The lines and sentences of which only words remain that ask."""
    names = regions([one.finding.span for one in found if one.finding.detector is Detector.NAME])
    yield from (Span(*line.span()) for line in _LINE.finditer(text) if touches(Span(*line.span()), names))
    yield from (one.finding.span for one in found if one.finding.detector in _NEAR)


def _beginning(names: Sequence[Found], start: int, end: int) -> Sequence[Found]:
    """Those that begin here, of names in their order."""
    edges = [bisect_left(names, edge, key=lambda one: one.finding.span.start) for edge in (start, end)]
    return names[edges[0] : edges[1]]


def _rest(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> str:
    """What stands between, without what was found there."""
    inside = list[Span]()
    for first, last in spans[bisect_right(spans, start, key=lambda span: span[1]) :]:
        if first >= end:
            break
        inside.append(Span(max(first, start) - start, min(last, end) - start))
    return without(text[start:end], inside)


def _words(text: str) -> str:
    """The words that ask; one mark for all that stands between two of them."""
    pieces, last, removed = list[str](), 0, False
    for word in _WORD.finditer(text):
        between = text[last : word.start()]
        kept = word.group().lower() in asking()
        if kept or not removed:
            pieces += [_BETWEEN.sub("", between), word.group() if kept else REMOVED]
        last, removed = word.end(), not kept
    return "".join([*pieces, _BETWEEN.sub("", text[last:])])


@cache
def asking() -> frozenset[str]:
    """The closed list; it never changes."""
    return frozenset((files("filters") / "asking.txt").read_text(encoding="utf-8").split())
