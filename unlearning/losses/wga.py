"""Weighted gradient ascent: a target counts as much as it is still likely.

    sum over targets of [p^beta] log p, where [...] has no gradient         divided by targets, in nats

Source: Wang et al. 2025 (G-effect, arXiv 2502.19301), which uses beta 5; a beta of 1 is what
OpenUnlearning uses.
"""

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def wga(forget: Forecast, *, beta: float = 1.0) -> Total:
    likely = forget.likelihoods()
    return Total((likely.detach() * beta).exp().mul(likely).sum(), len(forget))
