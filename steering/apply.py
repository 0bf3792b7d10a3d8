"""Edits put into rows of logits, the same way for every engine.

Rules: the pinned tokens (the end, the special ones) keep the probability that the model gave them, however
much is taken from the others; no shift raises what the model itself thought unlikely; a token that a grammar
has masked stays masked; a row that had a token left still has one, the end if need be. On a device nothing
waits for a result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steering.edit import Edit

RELATIVE_TOP = 0.1


@dataclass(frozen=True, slots=True)
class Rule:
    """`pinned`: the end ids and every other special one; `ends` alone come back into an emptied row.

    `relative_top`: a token less likely than this share of the likeliest is not raised.
    """

    pinned: tuple[int, ...]
    ends: tuple[int, ...]
    relative_top: float = RELATIVE_TOP

    def __post_init__(self) -> None:
        if not self.ends or not set(self.ends) <= set(self.pinned):
            raise ValueError("expected at least one end id, all of them pinned")
        if not 0 < self.relative_top <= 1:
            raise ValueError(f"expected 0 < relative_top <= 1, found {self.relative_top}")


def apply_edits(logits: Any, edits: Sequence[tuple[int, Edit]], rule: Rule) -> None:
    """Change a torch matrix in place; each row comes at most once. Rows without an edit cost nothing."""
    acting = [(row, edit) for row, edit in edits if edit.acts]
    if not acting:
        return
    rows = _put(np.array([row for row, _ in acting]), logits)
    model = logits[rows].float()
    pinned, ends = _put(np.array(rule.pinned), logits), _put(np.array(rule.ends), logits)
    steered = _edited(model, [edit for _, edit in acting], rule)
    steered[:, pinned] = _pinned(model, steered, pinned)
    logits[rows] = _never_empty(model, steered, ends).to(logits.dtype)


def apply_to_row(row: NDArray[np.float32], edit: Edit, rule: Rule) -> None:
    """The same for one row in numpy."""
    import torch

    apply_edits(torch.from_numpy(row)[None], [(0, edit)], rule)


def _edited(model: Any, edits: Sequence[Edit], rule: Rule) -> Any:
    steered = model.clone()
    places, ids = _places([edit.shifted for edit in edits], model)
    by = _put(np.concatenate([edit.by for edit in edits]), model)
    least = model.amax(dim=1)[places] + log(rule.relative_top)
    unlikely = model[places, ids] < least
    steered[places, ids] += by.masked_fill(unlikely & (by > 0), 0.0)
    places, ids = _places([edit.banned for edit in edits], model)
    steered[places, ids] = -float("inf")
    return steered


def _pinned(model: Any, steered: Any, pinned: Any) -> Any:
    """The pinned logits, moved by what the others' sum has moved; unmoved where there is no such sum."""
    before, after = _free_sum(model, pinned), _free_sum(steered, pinned)
    moved = (after - before).nan_to_num(nan=0.0, neginf=0.0)
    return model[:, pinned] + moved[:, None]


def _free_sum(rows: Any, pinned: Any) -> Any:
    return rows.index_fill(1, pinned, -float("inf")).logsumexp(dim=1)


def _never_empty(model: Any, steered: Any, ends: Any) -> Any:
    lost = (steered.amax(dim=1) == -float("inf")) & (model.amax(dim=1) > -float("inf"))
    rescued = steered.index_fill(1, ends, 0.0)
    return rescued.where(lost[:, None], steered)


def _places(lists: Sequence[NDArray[np.int32]], like: Any) -> tuple[Any, Any]:
    """The row and the column of every id."""
    rows = np.repeat(np.arange(len(lists)), [len(ids) for ids in lists])
    return _put(rows, like), _put(np.concatenate(lists), like)


def _put(values: NDArray[Any], like: Any) -> Any:
    """Onto the device of `like`; whole numbers as indices."""
    import torch

    tensor = torch.from_numpy(np.ascontiguousarray(values))
    whole = tensor if tensor.is_floating_point() else tensor.long()
    return whole.to(like.device, non_blocking=True)
