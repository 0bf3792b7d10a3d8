"""Bounds for rates, so that a figure never claims more than its sample carries."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

ONE_SIDED_95: Final = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `trials`."""

    hits: int
    trials: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.trials or self.trials == 0:
            raise ValueError(
                f"expected 0 <= hits <= trials and at least one trial, got {self.hits}/{self.trials}"
            )

    @property
    def value(self) -> float:
        return self.hits / self.trials

    def __str__(self) -> str:
        return f"{self.hits}/{self.trials} ({self.value:.2%})"


def wilson(rate: Rate, z: float = ONE_SIDED_95) -> tuple[float, float]:
    """Wilson's score interval (Wilson 1927)."""
    n, p = rate.trials, rate.value
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def excess_upper(rate: Rate, floor: Rate, z: float = ONE_SIDED_95) -> float:
    """Upper bound of rate − floor: Newcombe's hybrid score method (Newcombe 1998, method 10)."""
    above = wilson(rate, z)[1] - rate.value
    below = floor.value - wilson(floor, z)[0]
    return rate.value - floor.value + sqrt(above**2 + below**2)
