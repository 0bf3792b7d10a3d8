"""Ordinary learning: the targets become likelier.

    sum over targets of -log p         divided by targets, in nats

Keeps what must keep working (`retain`, `neighbour`); teaches what to say instead (`alternative`).
"""

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def nll(kept: Forecast) -> Total:
    return Total(-kept.likelihoods().sum(), len(kept))
