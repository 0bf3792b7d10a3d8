"""Unlearning depth (UDS; github.com/gnueaj/unlearning-depth-score): in how many layers knowledge is gone.

The states of a layer are taken from another model and put into the full one; what the key's log-probability
loses by that is what the other model doesn't know there. Gold's losses tell which layers hold the knowledge
at all. Rule: it says something only where gold and full were trained from the same base; otherwise their
states have nothing in common and every layer seems to hold it.
"""

import numpy as np
from numpy.typing import NDArray

LEAST_DROP = 0.05


def unlearning_depth(gold: NDArray[np.float64], model: NDArray[np.float64]) -> float | None:
    """Of one item: what each layer loses by gold's states and by the model's. 0 as full, 1 as gold; None
    where no layer holds it."""
    holds = gold > LEAST_DROP
    if not holds.any():
        return None
    reached = np.clip(model[holds], 0.0, gold[holds])
    return float(reached.sum() / gold[holds].sum())
