"""Weights that serve what is forgotten far more than what stays begin at zero.

    share of w = f / (f + r), f and r the sums of (d loss / d w)^2 over portions of forgotten and retain texts

Rules: of each matrix the same part goes, the highest first; a weight that no forgotten text moves stays. A
method alone teaches weights to withhold what they hold, and a little training undoes that; what these held is
not there. Sources: which weights, selective synaptic dampening (Foster et al. 2024, arXiv 2308.07707), whose
dampening is to zero here; before unlearning rather than after, Jia et al. 2023 (arXiv 2304.04934); then a
method heals what stays, as in UNDO (Lee et al. 2025, arXiv 2506.06278).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

Batch = TypeVar("Batch")


def squares(
    weights: Sequence[Tensor], loss: Callable[[Batch], Tensor], batches: Iterable[Batch]
) -> list[Tensor]:
    """Of each weight, how much the loss of these batches turns on it."""
    total = [torch.zeros_like(one) for one in weights]
    for batch in batches:
        for sum_, slope in zip(total, torch.autograd.grad(loss(batch), weights), strict=True):
            sum_.addcmul_(slope, slope)
    return total


def prune(
    weights: Sequence[Tensor], forgotten: Sequence[Tensor], kept: Sequence[Tensor], share: float
) -> None:
    """`forgotten` and `kept` are squares of the weights; `share` of each tensor becomes zero, in place."""
    for weight, f, r in zip(weights, forgotten, kept, strict=True):
        told = torch.where(f > 0, f / (f + r), torch.zeros_like(f)).flatten()
        highest = told.topk(int(share * told.numel())).indices
        gone = torch.zeros_like(told, dtype=torch.bool).index_fill(0, highest, value=True) & (told > 0)
        weight.detach().masked_fill_(gone.view_as(weight), 0.0)
