"""Hidden states stay where the frozen model has them.

    sum over places of |h - h_frozen|^2 / width         divided by places

Source: the retain term of RMU (arXiv 2403.03218).
"""

from torch import Tensor

from unlearning.losses.forecast import Hidden
from unlearning.losses.total import Total


def embed(kept: Hidden, reference: Tensor) -> Total:
    """`reference`: states (tokens, width) of the frozen model at the same places."""
    kept.check(reference)
    return Total((kept.states - reference.detach()).square().mean(-1).sum(), len(kept))
