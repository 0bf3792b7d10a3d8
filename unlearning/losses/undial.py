"""Self-distillation of adjusted logits: the model learns its own former odds with the target's lowered.

    sum over targets of -sum over v of q'(v) log p(v), where q' = softmax(z_frozen - beta at the target)
    divided by targets, in nats

Source: Dong et al. 2024 (UNDIAL, arXiv 2402.10052). Neither padding nor prompts count; a published
version averages over both.
"""

import torch
from torch import Tensor

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def undial(forget: Forecast, reference: Tensor, *, beta: float = 10.0) -> Total:
    """`reference`: logits (tokens, vocabulary) of the frozen model at the same places."""
    forget.check(reference)
    lowered = reference.detach().clone()
    lowered[torch.arange(len(forget), device=lowered.device), forget.targets] -= beta
    learnt = torch.nn.functional.cross_entropy(forget.logits, lowered.softmax(-1), reduction="sum")
    return Total(learnt, len(forget))
