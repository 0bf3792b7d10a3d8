"""A finding says where something forgotten stands, never what it says: it carries no text."""

from dataclasses import dataclass
from enum import StrEnum


class Detector(StrEnum):
    VERBATIM = "verbatim"
    COVERAGE = "coverage"
    NAME = "name"
    SECRET = "secret"
    SEMANTIC = "semantic"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open, in code points, from the start of its own text."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Finding:
    """`score` is a similarity: 1.0 for exact detectors.

    `key` tells two strings of one entry apart (a keyed hash of the matched window, name or secret, 0 when
    the detector matches no string): provenance is decided per string, never per entry.
    """

    entry: str
    detector: Detector
    span: Span
    score: float = 1.0
    key: int = 0
