"""The truth ratio: how likely wrong answers are beside the right one in other words.

Rules: ratios are logarithms, so that what was driven down far is neither zero nor infinite; what comes in
is the mean log-probability of an answer's tokens, `wrong` with a row for each question. The paper (TOFU,
arXiv 2401.06121, equation 1) takes the arithmetic mean of the wrong probabilities; the authors' code, its
leaderboard and OpenUnlearning take the geometric one. Figures of the two can't be compared.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp

Floats = NDArray[np.float64]


class Mean(StrEnum):
    GEOMETRIC = "geometric"
    ARITHMETIC = "arithmetic"


def log_ratios(paraphrased: Floats, wrong: Floats, mean: Mean = Mean.GEOMETRIC) -> Floats:
    """Of each question: log (mean P(wrong) / P(paraphrased))."""
    if mean is Mean.GEOMETRIC:
        return np.asarray(wrong.mean(axis=1) - paraphrased)
    return np.asarray(logsumexp(wrong, axis=1) - np.log(wrong.shape[1]) - paraphrased)


def forgotten(ratios: Floats) -> Floats:
    """min(R, 1/R): near 1 where wrong answers are neither likelier nor less likely than the right one."""
    return np.exp(-np.abs(ratios))


def kept(ratios: Floats) -> Floats:
    """max(0, 1 - R): near 1 where the right answer is likelier than wrong ones."""
    return np.maximum(0.0, -np.expm1(np.minimum(ratios, 0.0)))


def share(ratios: Floats) -> Floats:
    """P(right) / (P(right) + P(wrong)), as OpenUnlearning has it where it judges metrics."""
    return np.asarray(expit(-ratios))
