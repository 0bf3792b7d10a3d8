"""The weights that serve what is forgotten most beside what stays become zero, and no others."""

import torch

from unlearning.wrappers.pruning import prune, squares


def left(forgotten: list[float], kept: list[float], share: float) -> list[float]:
    """Of four weights."""
    weight = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    prune([weight], [torch.tensor(forgotten).view(2, 2)], [torch.tensor(kept).view(2, 2)], share)
    return [float(one) for one in weight.flatten()]


def test_those_go_first_that_serve_what_is_forgotten_far_more_than_what_stays() -> None:
    assert left([8, 1, 9, 1], [8, 0.1, 1, 1], 0.25) == [1, 0, 3, 4]
    assert left([8, 1, 9, 1], [8, 0.1, 1, 1], 0.5) == [1, 0, 0, 4]


def test_a_weight_that_no_forgotten_text_moves_stays() -> None:
    assert left([0, 0, 1, 0], [0, 1, 5, 0], 0.75) == [1, 2, 0, 4]


def test_a_part_too_small_for_one_weight_takes_none() -> None:
    assert left([1, 1, 1, 1], [0, 0, 0, 0], 0.2) == [1, 2, 3, 4]


def test_how_much_a_loss_turns_on_a_weight_adds_up_over_batches() -> None:
    weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    found = squares(
        [weight], lambda batch: (weight * batch).sum(), [torch.tensor([3.0, 0]), torch.tensor([1.0, 2])]
    )
    assert found[0].tolist() == [10, 4]
    assert weight.grad is None
