"""What of a prompt is put to the embedding index, and what of it goes with the answer's sentences.

Rules: sentences beside something forgotten come first, then those of the last message, its two ends before
its middle; messages of a few sentences are also asked about whole. A sentence of the commonest words alone
is not asked about. There is a limit, and a report says how many sentences it left out.

A prompt of any length may be refused wrongly at the rate of one sentence, no more: its pieces divide the rate
among them, harmonically in their order. The shares add up to one, so the rates do to no more than the
rate (union bound), and what is asked first or last keeps a good part of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from filters.regions import regions, touches
from filters.segment import Segment
from filters.sightings import Sighting
from index.bits import word_bits
from index.sentences import sentences
from policy.finding import Span
from policy.surface import Role

MOST = 128
SHORT = 400
# What is not rarer than one word in a thousand tells nothing, alone or together.
TELLING_BITS = 10.0
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Question:
    """A piece of one segment for the judge. `share`: its part of the prompt's rate of false alarms."""

    segment: int
    span: Span
    text: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Questions:
    asked: tuple[Question, ...] = ()
    left_out: int = 0


def questions(segments: Sequence[Segment], found: Sequence[Sighting]) -> Questions:
    near = _near(found)
    pieces: dict[str, Question] = {}
    for place in reversed(range(len(segments))):
        for span in _spans(segments[place].text):
            text = segments[place].text[span.start : span.end]
            pieces.setdefault(text, Question(place, span, text))
    ordered = sorted(pieces.values(), key=lambda piece: not touches(piece.span, near.get(piece.segment, ())))
    return Questions(_shared(ordered[:MOST]), max(0, len(ordered) - MOST))


def last_question(segments: Sequence[Segment]) -> str:
    """The end of what the user said last: what an answer's sentences answer."""
    said = next((segment.text for segment in reversed(segments) if segment.role is Role.USER), "")
    spans = sentences(said)
    first = next((span.start for span in spans if len(said) - span.start <= SHORT), None)
    return said[first:].strip() if first is not None else ""


def _near(found: Sequence[Sighting]) -> dict[int, Sequence[tuple[int, int]]]:
    beside: dict[int, list[Span]] = {}
    for sighting in found:
        for part in sighting.parts:
            beside.setdefault(part.segment, []).append(Span(part.start, part.end))
    return {segment: regions(spans) for segment, spans in beside.items()}


def _shared(pieces: Sequence[Question]) -> tuple[Question, ...]:
    total = sum(1 / rank for rank in range(1, len(pieces) + 1))
    return tuple(replace(piece, share=1 / rank / total) for rank, piece in enumerate(pieces, 1))


def _spans(text: str) -> Iterator[Span]:
    spans = [span for span in sentences(text) if _tells(text[span.start : span.end])]
    if len(spans) > 1 and spans[-1].end - spans[0].start <= SHORT:
        yield Span(spans[0].start, spans[-1].end)
    yield from _ends_first(spans)


def _ends_first(spans: Sequence[Span]) -> Iterator[Span]:
    """The last, the first, the last but one, the second ..."""
    middle = len(spans) // 2
    both = zip_longest(reversed(spans[middle:]), spans[:middle])
    return filter(None, chain.from_iterable(both))


def _tells(text: str) -> bool:
    words = _WORD.findall(text.casefold())
    return any(word_bits(word) >= TELLING_BITS or any(map(str.isdigit, word)) for word in words)
