"""What steering does to the odds at every token is learnt into the weights.

    sum over targets of KL(q' || p), where q' = softmax(z_frozen + shift)         divided by targets, in nats

The shift is what the divergence of the entries adds to the logits after the same tokens
(steering/divergence); a banned token's is minus infinity. Our own: distillation (Hinton et al. 2015,
arXiv 1503.02531) of a teacher that is this product's steering.
"""

import torch
from torch import Tensor

from unlearning.losses.forecast import BatchError, Forecast
from unlearning.losses.kl import taught
from unlearning.losses.total import Total


def divergence_distil(forget: Forecast, reference: Tensor, shift: Tensor) -> Total:
    """`reference` and `shift`: (tokens, vocabulary) at the same places."""
    forget.check(reference)
    forget.check(shift)
    steered = reference.detach() + shift.to(reference)
    if bool((steered == -torch.inf).all(-1).any()):
        raise BatchError("expected a token at every place that steering does not ban")
    return Total(taught(steered.softmax(-1), forget).sum(), len(forget))
