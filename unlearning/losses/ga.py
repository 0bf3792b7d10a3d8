"""Gradient ascent: the targets become less likely, without bound.

    sum over targets of log p          divided by targets, in nats

Source: Jang et al. 2023 (arXiv 2210.01504). A baseline: it ruins the model unless it is stopped in time.
"""

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def ga(forget: Forecast) -> Total:
    return Total(forget.likelihoods().sum(), len(forget))
