"""What a stop rule reads and what it says."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    GOING_ON = "going on"
    REACHED = "reached"
    OUT_OF_STEPS = "out of steps"
    ALL_REST = "all rest"  # nothing that is to be forgotten is near what it was
    TOO_DEAR = "too dear"  # what must keep working has suffered beyond what the recipe allows


@dataclass(frozen=True, slots=True)
class Progress:
    """`residual`: the share of forget items that can still be drawn out. `floor`: that share of matched items
    that the model was never told. `lost`: how much of what must keep working is gone, word by word, 0.01 for
    one in a hundred; `lost_whole`: how many of its answers, of which one wrong word undoes all.
    """

    step: int
    residual: float
    floor: float
    lost: float
    lost_whole: float = 0.0


class Schedule(Protocol):
    def outcome(self, progress: Progress) -> Outcome:
        """After an evaluation."""
        ...
