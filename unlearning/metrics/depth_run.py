"""What the full model loses of a key when a layer's states come from another model.

Rules: the states that are put in are those at the places that foretell the key, as the layer leaves them;
both models are left as they were found.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from unlearning.encoding import Encoded
from unlearning.metrics.scoring import asking, padded, scored_of


def drops(full: Any, source: Any, rows: Sequence[Encoded], batch: int = 16) -> NDArray[np.float64]:
    """Of each row, for each layer: by how much the mean log-probability of the key falls."""
    found = []
    with asking(full), asking(source):
        for start in range(0, len(rows), batch):
            found.append(_drops(full, source, rows[start : start + batch]))
    return np.concatenate(found)


def layers_of(model: Any) -> nn.ModuleList:
    """The list of the model's blocks."""
    count = model.config.get_text_config().num_hidden_layers
    for part in model.modules():
        if isinstance(part, nn.ModuleList) and len(part) == count:
            return part
    raise ValueError(f"expected a list of {count} layers in the model, found none")


def _drops(full: Any, source: Any, rows: Sequence[Encoded]) -> NDArray[np.float64]:
    ids, mask = padded([row.ids for row in rows], full, left=False)
    telling = [[int(one) for one in _foretelling(row)] for row in rows]
    places = padded(telling, full, left=False)[0].bool()
    whole = _keys(rows, full(input_ids=ids, attention_mask=mask).logits)
    states = _states(source, ids, mask)
    losses = []
    for layer, state in zip(layers_of(full), states, strict=True):
        with _patched(layer, state, places):
            losses.append(whole - _keys(rows, full(input_ids=ids, attention_mask=mask).logits))
    return np.stack(losses, axis=1)


def _foretelling(row: Encoded) -> list[bool]:
    """Where the next token is one that tells; of an answer without a key, all of it."""
    telling = row.telling if any(row.telling[1:]) else row.targets
    return [*telling[1:], False]


def _keys(rows: Sequence[Encoded], logits: Tensor) -> NDArray[np.float64]:
    scored = [scored_of(row, one[: len(row.ids)]) for row, one in zip(rows, logits, strict=True)]
    return np.array([one.logp[one.telling].mean() for one in scored])


def _states(model: Any, ids: Tensor, mask: Tensor) -> list[Tensor]:
    """What each layer leaves."""
    found: list[Tensor] = []
    hooks = [
        layer.register_forward_hook(lambda _, __, left: found.append(_hidden(left)))
        for layer in layers_of(model)
    ]
    try:
        model(input_ids=ids.to(model.device), attention_mask=mask.to(model.device))
    finally:
        for hook in hooks:
            hook.remove()
    return found


@contextmanager
def _patched(layer: nn.Module, state: Tensor, places: Tensor) -> Iterator[None]:
    def put(_: nn.Module, __: Any, left: Any) -> Any:
        hidden = _hidden(left)
        other = state.to(device=hidden.device, dtype=hidden.dtype)
        mixed = torch.where(places[..., None].to(hidden.device), other, hidden)
        return (mixed, *left[1:]) if isinstance(left, tuple) else mixed

    hook = layer.register_forward_hook(put)
    try:
        yield
    finally:
        hook.remove()


def _hidden(left: Any) -> Tensor:
    """A layer leaves its states, alone or before others."""
    return left[0] if isinstance(left, tuple) else left
