"""How much of a text the model takes for the likeliest, token by token.

Memorisation accuracy of a whole text (Jang et al., arXiv 2210.01504, equation 2), which of an answer is
OpenUnlearning's exact memorisation; and what that makes of four figures.
"""

from statistics import harmonic_mean

import numpy as np
from numpy.typing import NDArray


def memorization_accuracy(right: NDArray[np.bool_]) -> float:
    """Of all tokens but the first, which follows nothing."""
    return float(right.mean())


def lack_of_memory(strength: float, accuracy: float, probability: float, truth: float) -> float:
    """OpenUnlearning's figure of what is not remembered: of extraction strength, memorisation accuracy, the
    probability of the answer in other words, and the truth ratio."""
    return harmonic_mean([1 - strength, 1 - accuracy, 1 - probability, 1 - truth])
