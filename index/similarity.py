"""What the embedding index says about a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hit:
    """`score` is the entry's similarity to the text less its margin: comparable over entries.

    `entry` is the entry's place in the snapshot.
    """

    entry: int
    score: float


class Judge(Protocol):
    """Blocking and slow (a neural encoder): call it off the event loop.

    `threshold` is the calibrated score at and above which a hit counts; `grey` is the lower one from which
    an answer's sentences are worth judging.
    """

    threshold: float
    grey: float

    def judge(self, texts: Sequence[str]) -> list[tuple[Hit, ...]]:
        """For each text its best hits, best first, none below `grey`."""
        ...
