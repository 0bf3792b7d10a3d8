"""What of a prompt is put to the embedding index, and what of it goes with the answer's sentences.

Rule: sentences beside something forgotten come first, then those said last; messages of a few sentences are
also asked about whole. There is a limit, and a report says how many sentences it left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from filters.regions import regions, touches
from filters.segment import Segment
from filters.sightings import Sighting
from index.sentences import sentences
from policy.finding import Span
from policy.surface import Role

MOST = 128
SHORT = 400


@dataclass(frozen=True, slots=True)
class Question:
    """A piece of one segment for the judge."""

    segment: int
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Questions:
    asked: tuple[Question, ...] = ()
    left_out: int = 0


def questions(segments: Sequence[Segment], found: Sequence[Sighting]) -> Questions:
    beside: dict[int, list[Span]] = {}
    for sighting in found:
        for part in sighting.parts:
            beside.setdefault(part.segment, []).append(Span(part.start, part.end))
    near = {segment: regions(spans) for segment, spans in beside.items()}
    pieces: dict[str, Question] = {}
    for place in reversed(range(len(segments))):
        for span in _spans(segments[place].text):
            text = segments[place].text[span.start : span.end]
            pieces.setdefault(text, Question(place, span, text))
    ordered = sorted(pieces.values(), key=lambda piece: not touches(piece.span, near.get(piece.segment, ())))
    return Questions(tuple(ordered[:MOST]), max(0, len(ordered) - MOST))


def last_question(segments: Sequence[Segment]) -> str:
    """The end of what the user said last: what an answer's sentences answer."""
    said = next((segment.text for segment in reversed(segments) if segment.role is Role.USER), "")
    spans = sentences(said)
    first = next((span.start for span in spans if len(said) - span.start <= SHORT), None)
    return said[first:].strip() if first is not None else ""


def _spans(text: str) -> Iterator[Span]:
    spans = [span for span in sentences(text) if any(map(str.isalnum, text[span.start : span.end]))]
    if len(spans) > 1 and spans[-1].end - spans[0].start <= SHORT:
        yield Span(spans[0].start, spans[-1].end)
    yield from spans
