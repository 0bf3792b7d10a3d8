"""Negated task vector: what fine-tuning on the forget texts adds to the weights is taken away.

    theta' = theta - alpha (theta_tuned - theta)

Source: Ilharco et al. 2022 (arXiv 2212.04089); MUSE (arXiv 2407.06460) uses an alpha of 5. No gradient,
no retain texts, one addition: a baseline.
"""

from collections.abc import Mapping

import torch
from torch import Tensor


def task_vector(
    start: Mapping[str, Tensor], tuned: Mapping[str, Tensor], *, alpha: float = 5.0
) -> dict[str, Tensor]:
    """The new weights by name. What is no floating-point number (a step counter) stays as it was."""
    if {name: one.shape for name, one in start.items()} != {name: one.shape for name, one in tuned.items()}:
        raise ValueError("expected weights of the same names and shapes")
    return {name: _less(weights, tuned[name], alpha) for name, weights in start.items()}


def _less(weights: Tensor, tuned: Tensor, alpha: float) -> Tensor:
    if not weights.is_floating_point():
        return weights.clone()
    exact = torch.promote_types(weights.dtype, torch.float32)
    before = weights.detach().to(exact)
    return (before - alpha * (tuned.detach().to(exact) - before)).to(weights.dtype)
