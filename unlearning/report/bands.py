"""Where a figure lies if the model is as one that never learnt it, at the least an item wide.

Rule: with two golds the band is how far they differ over the items drawn again; without gold it is where
values of a holdout lie that was asked the same. What is judged never sets its own band.
"""

import math

import numpy as np
from numpy.typing import NDArray

from unlearning.metrics.null_band import Band, null_band

Floats = NDArray[np.float64]
_DRAWS = 1000
_TWO_SIDED_95 = 1.959964


def as_gold(gold: Floats, second: Floats, rng: np.random.Generator) -> Band:
    """Of a mean over items."""
    differences = second - gold

    def draw() -> float:
        sign = 1 if rng.random() < 0.5 else -1
        return sign * float(differences[rng.integers(len(gold), size=len(gold))].mean())

    band, middle, least = null_band(draw, _DRAWS), float(gold.mean()), 1 / len(gold)
    return Band(middle + min(band.low, -least), middle + max(band.high, least))


def as_holdout(holdout: Floats, count: int, rng: np.random.Generator) -> Band:
    """Of the mean over `count` items that are like those of the holdout."""
    mean = float(holdout.mean())

    def draw() -> float:
        other = holdout[rng.integers(len(holdout), size=count)].mean()
        return mean + float(other - holdout[rng.integers(len(holdout), size=len(holdout))].mean())

    band, least = null_band(draw, _DRAWS), 1 / count
    return Band(min(band.low, mean - least), max(band.high, mean + least))


def by_chance(members: int, others: int) -> Band:
    """Of the AUC of guesses that know nothing (Mann and Whitney, 1947)."""
    half = _TWO_SIDED_95 * math.sqrt((members + others + 1) / (12 * members * others))
    return Band(0.5 - half, 0.5 + half)
