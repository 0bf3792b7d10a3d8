"""Where the mean of figures from 0 to 1 lies if the model is as one that never learnt what they are about.

Rules: with two golds the band is as wide as they differ, without gold it is where a holdout's values lie
that was asked the same; what is judged never sets its own band. Each holds all but one in two hundred, so
that of ten figures of a model with nothing left one lies outside in one report of twenty.
"""

from math import sqrt
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import betabinom

from unlearning.metrics.bootstrap import mean_band
from unlearning.metrics.null_band import Band

Floats = NDArray[np.float64]
LEVEL: Final = 0.995
_BOTH_SIDES: Final = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
_DRAWS: Final = 4000


def as_gold(gold: Floats, second: Floats, rng: np.random.Generator) -> Band:
    """About gold's own mean, either way, for neither gold is the truth more than the other."""
    drawn, middle = mean_band(second - gold, rng, _DRAWS, LEVEL), float(gold.mean())
    # What two golds know by chance may be the same few items: then their difference says too little.
    spread = as_holdout(np.concatenate([gold, second]), len(gold))
    half = max(-drawn.low, drawn.high, (spread.high - spread.low) / 2)
    return Band(middle - half, middle + half)


def as_holdout(holdout: Floats, count: int) -> Band:
    """Where the mean over `count` items lies that are like those of the holdout.

    By what Jeffreys' prior foretells of counts; values between 0 and 1 spread less than that.
    """
    known = float(holdout.sum())
    low, high = betabinom.ppf(_BOTH_SIDES, count, known + 0.5, len(holdout) - known + 0.5)
    mean = float(holdout.mean())
    return Band(min(mean, float(low) / count), max(mean, float(high) / count))


def by_chance(members: int, others: int) -> Band:
    """Of the AUC of guesses that know nothing (Mann and Whitney, 1947)."""
    spread = sqrt((members + others + 1) / (12 * members * others))
    half = NormalDist().inv_cdf(_BOTH_SIDES[1]) * spread
    return Band(0.5 - half, 0.5 + half)
