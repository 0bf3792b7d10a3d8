"""What unlearning costs beside plain training on the same tokens."""

import pytest
import torch

from benchmarks.unlearning_cost import Bench, Cost, compared
from unlearning.losses.catalogue import METHODS


def test_a_round_is_compared_with_the_plain_step_beside_it() -> None:
    cost = Cost(method=[2.0, 6.0, 3.0], plain=[2.0, 4.0, 2.0])

    assert cost.at_best == 1.0
    assert cost.figure.median == 1.5


def test_every_method_of_one_gradient_has_its_row() -> None:
    assert set(METHODS) - set(compared()) == {"mollm", "gru"}


@pytest.mark.long
@pytest.mark.parametrize("name", compared())
def test_no_step_costs_a_seventh_more_than_plain_training(name: str) -> None:
    torch.set_num_threads(1)

    assert Bench().cost(METHODS[name], rounds=15).figure.median <= 1.15
