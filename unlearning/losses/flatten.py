"""Logit-margin flattening: no token stands out.

    sum over targets of (max over v of z(v) - mean over v of z(v))^2         divided by targets

Source: Entesari et al. 2025 (arXiv 2506.05314), which holds the retain loss below a bound by the combiner
`primal_dual`. Its published code reads the logits one place late; here they stand where targets are
foretold.
"""

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def flatten(forget: Forecast) -> Total:
    logits = forget.logits
    return Total((logits.amax(-1) - logits.mean(-1)).square().sum(), len(forget))
