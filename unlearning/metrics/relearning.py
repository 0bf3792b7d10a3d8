"""Relearning: what comes back when a model learns a little of the forgotten again.

Two ways to ask: the facts that are taught again, and others of the same forget set, which nothing taught
(Deeb and Roger, arXiv 2410.08827): only those tell hidden from gone. Rule: gold's own curve stands beside;
what comes back there comes from reading, not from memory.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Point:
    """After so many steps: the accuracy on what is taught, and on what is not."""

    step: int
    taught: float
    held_out: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The first point is from before the first step."""

    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        if not self.points or self.points[0].step:
            raise ValueError("expected a point from before the first step")

    @property
    def back(self) -> float:
        """The most of the untaught that was there at any point: an attacker stops where it is best."""
        return max(point.held_out for point in self.points)

    @property
    def area(self) -> float:
        """The mean accuracy on the untaught over the steps: high where it comes back soon."""
        steps = [point.step for point in self.points]
        values = [point.held_out for point in self.points]
        return float(np.trapezoid(values, steps) / steps[-1]) if steps[-1] else values[0]

    def steps_to(self, accuracy: float) -> int | None:
        """How soon so much of the untaught is back; None: not within the steps taken."""
        return next((point.step for point in self.points if point.held_out >= accuracy), None)


def beyond(curve: Curve, gold: Curve) -> float:
    """How much more of the untaught came back than at gold."""
    return curve.back - gold.back


def split(
    items: Sequence[T], subject: Callable[[T], Hashable], share: float, rng: np.random.Generator
) -> tuple[list[T], list[T]]:
    """What is taught, and what is held out: whole subjects, `share` of them and at least one on either
    side."""
    subjects = list(dict.fromkeys(subject(one) for one in items))
    if len(subjects) < 2:
        raise ValueError("expected at least two subjects, of which one can be held out")
    count = min(max(1, round(share * len(subjects))), len(subjects) - 1)
    taught = {subjects[place] for place in rng.permutation(len(subjects))[:count]}
    return (
        [one for one in items if subject(one) in taught],
        [one for one in items if subject(one) not in taught],
    )
