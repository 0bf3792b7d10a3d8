"""Unlearning by cross-entropy: the model learns its own present odds without the target.

    sum over targets of -sum over v of [p'(v)] log p(v)         divided by targets, in nats

p' is p without the target, made to add up to one; [...] has no gradient.

Source: Yang 2025 (CE-U, arXiv 2503.01224), which leaves the first token of every answer alone: labels say
that.
"""

import torch

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def ceu(forget: Forecast) -> Total:
    without = forget.logits.detach().clone()
    without[torch.arange(len(forget), device=without.device), forget.targets] = -torch.inf
    learnt = torch.nn.functional.cross_entropy(forget.logits, without.softmax(-1), reduction="sum")
    return Total(learnt, len(forget))
