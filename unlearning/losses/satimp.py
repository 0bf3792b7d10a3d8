"""Ascent weighted by saturation and importance: what is still likely counts, what is certain counts less.

    sum over targets of [p^beta1 (1 - p)^beta2] log p, where [...] has no gradient
    divided by targets, in nats

Source: Yang et al. 2025 (SatImp, arXiv 2505.11953); the betas are those its authors name last (5 and
0.1), where an earlier recipe has 5 and 1. Beside a retain term of 1 it weighs 0.1.
"""

import torch

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def satimp(forget: Forecast, *, beta1: float = 5.0, beta2: float = 0.1) -> Total:
    likely = forget.likelihoods()
    fixed = likely.detach()
    weight = (fixed * beta1).exp() * (-torch.expm1(fixed)).clamp_min(0.0).pow(beta2)
    return Total((weight * likely).sum(), len(forget))
