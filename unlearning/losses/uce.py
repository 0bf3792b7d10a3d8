"""Unlearning cross-entropy: ascent with a floor at 0 and a gradient that stays finite.

    sum over targets of -log(1 - p / 2)         divided by targets, in nats

Source: FedOSD (arXiv 2412.20200), by an author of MOLLM (arXiv 2412.20412), which combines it by `mgda`;
that MOLLM halves p too could not be verified.
"""

import torch

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def uce(forget: Forecast) -> Total:
    return Total(-torch.log1p(forget.likelihoods().exp() * -0.5).sum(), len(forget))
