"""How far a row would still move a model (GradNorm): what was learnt moves it little.

    mean over the parameters of |d loss / d parameter|, the loss the mean of -log p over the row's targets

Rules: row by row, since the gradient of several is not that of each; the model and its gradients are left as
they were. As in OpenUnlearning's family of membership attacks.
"""

from collections.abc import Sequence
from typing import Any

import torch

from unlearning.encoding import Encoded
from unlearning.losses.forecast import NO_TARGET


def gradient_lengths(model: Any, rows: Sequence[Encoded]) -> list[float]:
    """Higher for what is less likely a member, like all of `membership.py`."""
    learning = model.training
    model.eval()
    try:
        return [_length(model, row) for row in rows]
    finally:
        model.train(learning)


def _length(model: Any, row: Encoded) -> float:
    ids = torch.tensor([row.ids], device=model.device)
    targets = torch.tensor([row.targets], device=model.device)
    with torch.enable_grad():
        loss = model(input_ids=ids, labels=ids.masked_fill(~targets, NO_TARGET)).loss
        weights = [one for one in model.parameters() if one.requires_grad]
        slopes = torch.autograd.grad(loss, weights, allow_unused=True, materialize_grads=True)
    return float(torch.stack([one.double().norm() for one in slopes]).mean())
