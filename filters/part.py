"""A piece of a match that stands in one segment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Half-open, in the segment's own text."""

    segment: int
    start: int
    end: int
