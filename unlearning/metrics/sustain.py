"""Sustain: what is left of utility when requests come one after the other (MUSE, arXiv 2407.06460, 3.2).

Rule: the requests are disjoint, and each begins with the model that the last one left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trend:
    """One figure at the beginning and after each step."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.values) < 2:
            raise ValueError("expected a figure from before the first step, and one after")

    @property
    def left(self) -> float:
        """What the last is of the first."""
        return self.values[-1] / self.values[0] if self.values[0] else 0.0

    @property
    def worst_step(self) -> float:
        """The most that one step has cost; none has cost less than nothing."""
        return max(0.0, *(before - after for before, after in pairwise(self.values)))


def portions(items: Sequence[T], count: int) -> list[list[T]]:
    """`count` disjoint portions of nearly the same size, in order."""
    if not 1 <= count <= len(items):
        raise ValueError(f"expected 1 to {len(items)} portions, found {count}")
    ends = [len(items) * place // count for place in range(count + 1)]
    return [list(items[start:end]) for start, end in pairwise(ends)]
