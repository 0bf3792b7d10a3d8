"""Spans that overlap or touch are one region, and a region is cut out whole."""

from bisect import bisect_left
from collections.abc import Sequence

from policy.finding import Span

# It has a word of its own, so that the text on both sides cannot join into something forgotten.
REMOVED = "[removed]"


def without(text: str, spans: Sequence[Span]) -> str:
    """The text with each region cut out; overlapping and touching spans are one region."""
    pieces: list[str] = []
    last = 0
    for start, end in regions(spans):
        pieces.extend((text[last:start], REMOVED))
        last = end
    return "".join((*pieces, text[last:]))


def regions(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """The union of the spans, in order."""
    joined: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if joined and span.start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], span.end))
        else:
            joined.append((span.start, span.end))
    return joined


def touches(span: Span, joined: Sequence[tuple[int, int]]) -> bool:
    """Whether the span overlaps one of these regions, which are in order."""
    place = bisect_left(joined, (span.end, 0))
    return place > 0 and joined[place - 1][1] > span.start
