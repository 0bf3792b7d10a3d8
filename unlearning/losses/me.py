"""Maximum entropy: the model foretells every token alike.

    sum over targets of -log V - (1 / V) sum over v of log p(v), with V tokens in the vocabulary
    divided by targets, in nats

That is the divergence of p from the uniform distribution. Source: Yuan et al. 2024 (A Closer Look, arXiv
2410.08109), whose plain-text form counts padding too. Hides more than it erases.
"""

import math

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def me(forget: Forecast) -> Total:
    size = forget.logits.shape[1]
    return Total(-(forget.log_odds().mean(-1) + math.log(size)).sum(), len(forget))
