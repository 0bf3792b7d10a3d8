"""Forget quality: whether truth ratios of the forget set tell a model from one that never saw it.

The p-value of a two-sample Kolmogorov-Smirnov test (TOFU, arXiv 2401.06121, section 2.2.2). It falls with
the number of questions, so p-values over sets of different size can't be compared, and a high one shows
nothing but that this test sees no difference.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ks_2samp


@dataclass(frozen=True, slots=True)
class Quality:
    """`p` is near 1 where nothing tells the models apart; `distance` is the greatest between their
    shares."""

    p: float
    distance: float


def forget_quality(ratios: NDArray[np.float64], gold: NDArray[np.float64]) -> Quality:
    """Of the truth ratios of the same questions, as they are or as logarithms."""
    if not (len(ratios) and np.isfinite(ratios).all() and len(gold) and np.isfinite(gold).all()):
        raise ValueError("expected finite truth ratios of both models")
    found = ks_2samp(ratios, gold)
    return Quality(float(found.pvalue), float(found.statistic))
