"""Edits put into rows of logits, the same way for every engine.

Rules: the pinned tokens (the end, the special ones) keep the probability that the model gave them, however
much is taken from the others; no shift raises what the model itself thought unlikely; a token that a grammar
has masked stays masked; a row that had a token left still has one, the end if need be. On a device nothing
waits for a result, and all rows are edited at once; in memory each is by itself, where it lies.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steering.apply_row import apply_to_row
from steering.apply_rule import Rule
from steering.edit import Edit


def apply_edits(logits: Any, edits: Sequence[tuple[int, Edit]], rule: Rule) -> None:
    """Change a torch matrix in place; each row comes at most once. Rows without an edit cost nothing."""
    acting = [(row, edit) for row, edit in edits if edit.acts]
    if not acting:
        return
    if logits.device.type == "cpu" and logits.element_size() == 4:
        for row, edit in acting:
            apply_to_row(logits[row].numpy(), edit, rule)
    else:
        apply_to_matrix(logits, acting, rule)


def apply_to_matrix(logits: Any, acting: Sequence[tuple[int, Edit]], rule: Rule) -> None:
    """All of them together, each row at most once, and at least one."""
    rows = _put(np.array([row for row, _ in acting]), logits)
    model = logits[rows].float()
    pinned, ends = (_ids(ids, logits.device) for ids in (rule.pinned, rule.ends))
    free = model.index_fill(1, pinned, -float("inf"))
    before = free.logsumexp(dim=1)
    _shift_and_ban(free, model, [edit for _, edit in acting], rule)
    after = free.logsumexp(dim=1)
    free[:, pinned] = kept = _moved(model[:, pinned], before, after)
    emptied = (after == -float("inf")) & (before > -float("inf")) & (kept.amax(dim=1) == -float("inf"))
    free[:, ends] = free[:, ends].masked_fill(emptied[:, None], 0.0)
    logits[rows] = free.to(logits.dtype)


def _shift_and_ban(rows: Any, model: Any, edits: Sequence[Edit], rule: Rule) -> None:
    by = np.concatenate([edit.by for edit in edits])
    if len(by):
        places, ids = _places([edit.shifted for edit in edits], model)
        shifts = _put(by, model)
        if by.max() > 0:
            least = model.amax(dim=1)[places] + log(rule.relative_top)
            shifts = shifts.masked_fill((model[places, ids] < least) & (shifts > 0), 0.0)
        rows[places, ids] += shifts
    places, ids = _places([edit.banned for edit in edits], model)
    rows[places, ids] = -float("inf")


def _moved(pinned: Any, before: Any, after: Any) -> Any:
    """The pinned logits, moved by what the others' sum has moved; unmoved where there is no such sum."""
    return pinned + (after - before).nan_to_num(nan=0.0, neginf=0.0)[:, None]


def _places(lists: Sequence[NDArray[np.int32]], like: Any) -> tuple[Any, Any]:
    """The row and the column of every id."""
    rows = np.repeat(np.arange(len(lists)), [len(ids) for ids in lists])
    return _put(rows, like), _put(np.concatenate(lists), like)


@lru_cache(maxsize=8)
def _ids(ids: tuple[int, ...], device: Any) -> Any:
    """On the device once, not at every step."""
    import torch

    return torch.tensor(ids, dtype=torch.long, device=device)


def _put(values: NDArray[Any], like: Any) -> Any:
    """Onto the device of `like`; whole numbers as indices."""
    import torch

    tensor = torch.from_numpy(np.ascontiguousarray(values))
    whole = tensor if tensor.is_floating_point() else tensor.long()
    return whole.to(like.device, non_blocking=True)
