"""How likely an answer is, length apart, and how likely among wrong ones (TOFU, arXiv 2401.06121, 2.2.1).
2.2.1).

Rule: what comes in is the mean log-probability of an answer's tokens.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

Floats = NDArray[np.float64]


def probability(answers: Floats) -> Floats:
    """P(a|q)^(1/|a|) of each answer."""
    return np.exp(answers)


def probability_among(answers: Floats, wrong: Floats) -> Floats:
    """The answer's share of all that was offered: `wrong` has a row of answers for each question."""
    offered = np.concatenate([answers[:, None], wrong], axis=1)
    # By the logarithm, for an answer that was driven down far enough has a probability of zero.
    return np.asarray(np.exp(log_softmax(offered, axis=1)[:, 0]))
