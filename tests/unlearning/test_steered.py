"""What steering adds stands where the targets are foretold, made from the tokens before them."""

from collections.abc import Sequence

import numpy as np
import torch

from steering.edit import Edit
from unlearning.steered import shifts


def after(context: Sequence[int]) -> Edit:
    """Bans the number of tokens before, lowers the last of them."""
    return Edit(
        np.array([len(context)], np.int32), np.array([context[-1]], np.int32), np.array([-2.0], np.float32)
    )


def test_each_place_has_the_edit_of_what_stands_before_its_target() -> None:
    ids = torch.tensor([[5, 6, 7, 0], [0, 8, 5, 6]])
    mask = torch.tensor([[1, 1, 1, 0], [0, 1, 1, 1]])
    labels = torch.tensor([[-100, 6, 7, -100], [-100, -100, 5, 6]])
    added = shifts(after, ids, mask, labels, vocabulary=9)
    low = -torch.inf

    assert added.shape == (4, 9)
    assert {(row, column): float(added[row, column]) for row, column in added.nonzero().tolist()} == {
        (0, 1): low,
        (0, 5): -2,
        (1, 2): low,
        (1, 6): -2,
        (2, 1): low,
        (2, 8): -2,
        (3, 2): low,
        (3, 5): -2,
    }
