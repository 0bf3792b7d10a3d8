"""Representation misdirection: hidden states are drawn to one fixed random direction.

    sum over places of |h - scale u|^2 / width         divided by places

u is uniform in [0, 1) and of length one, the same for a seed on every machine. Source: Li et al. 2024
(WMDP, arXiv 2403.03218), whose mean takes padding in. Beside it `embed` keeps what must keep working.
Hides more than it erases: what it moves comes back first when a model relearns.
"""

import torch
from torch import Tensor

from unlearning.losses.forecast import Hidden
from unlearning.losses.total import Total


def rmu(forget: Hidden, *, scale: float = 20.0, seed: int = 0) -> Total:
    states = forget.states
    drawn = control(states.shape[1], scale, seed).to(states)
    return Total((states - drawn).square().mean(-1).sum(), len(forget))


def control(width: int, scale: float, seed: int) -> Tensor:
    """scale u (width,)."""
    drawn = torch.rand(width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return drawn * (scale / drawn.norm())
