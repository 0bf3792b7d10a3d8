"""What steering would add to a model's logits, at the places where targets are foretold.

Rule: an edit is made from the tokens before the target alone, padding left out, as when the model is served.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from steering.edit import Edit
from unlearning.losses.forecast import Places


def shifts(
    edit: Callable[[Sequence[int]], Edit], ids: Tensor, mask: Tensor, labels: Tensor, vocabulary: int
) -> Tensor:
    """(tokens, vocabulary), from ids, attention mask and labels (texts, length); a banned token's is -inf."""
    places = Places.of(labels)
    added = torch.zeros(len(places.targets), vocabulary)
    for place, (row, column) in enumerate(zip(places.row.tolist(), places.column.tolist(), strict=True)):
        before = ids[row, : column + 1][mask[row, : column + 1].bool()]
        _write(added[place], edit(before.tolist()))
    return added


def _write(row: Tensor, edit: Edit) -> None:
    row[torch.from_numpy(edit.shifted).long()] = torch.from_numpy(edit.by)
    row[torch.from_numpy(edit.banned).long()] = -torch.inf
