"""Where a figure lies when there is nothing to be found.

Rule: the band comes from gold beside gold, never from what a method should reach: only what lies outside of
it says anything.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Band:
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"expected a band from low to high, found {self.low} to {self.high}")

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


def null_band(draw: Callable[[], float], draws: int = 1000, level: float = 0.95) -> Band:
    """What `level` of the draws lie within, as many below as above."""
    outside = (1 - level) / 2
    low, high = np.quantile([draw() for _ in range(draws)], [outside, 1 - outside])
    return Band(float(low), float(high))
