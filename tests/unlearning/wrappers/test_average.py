"""The average of what was trained, in place for as long as it is wanted."""

import pytest
import torch

from unlearning.wrappers.average import WeightAverage


def averaged(decay: float | None, values: list[float]) -> float:
    parameter = torch.nn.Parameter(torch.tensor([99.0]))
    average = WeightAverage([parameter], decay)
    for value in values:
        parameter.data.fill_(value)
        average.update()
    with average.in_place():
        return float(parameter.detach())


def test_without_a_decay_all_steps_count_alike() -> None:
    assert averaged(None, [1.0, 2.0, 6.0]) == pytest.approx(3.0)


def test_with_a_decay_the_last_steps_count_most() -> None:
    assert averaged(0.75, [1.0, 5.0, 9.0]) == pytest.approx(0.75 * (0.75 * 1 + 0.25 * 5) + 0.25 * 9)


def test_afterwards_the_weights_are_what_they_were() -> None:
    parameter = torch.nn.Parameter(torch.tensor([0.1]).bfloat16())
    average = WeightAverage([parameter])
    average.update()
    parameter.data.fill_(3.0)
    with average.in_place():
        assert float(parameter.detach()) == float(torch.tensor(0.1).bfloat16())
    assert parameter.tolist() == [3.0]
    with pytest.raises(ZeroDivisionError), average.in_place():
        _ = 1 / 0

    assert parameter.tolist() == [3.0]


def test_small_steps_are_not_lost_to_half_precision() -> None:
    parameter = torch.nn.Parameter(torch.tensor([1.0]).bfloat16())
    average = WeightAverage([parameter], decay=0.999)
    average.update()
    parameter.data.fill_(2.0)
    for _ in range(1000):
        average.update()
    with average.in_place():
        assert float(parameter.detach()) == pytest.approx(2 - 0.999**1000, rel=0.01)


def test_a_restored_one_goes_on() -> None:
    parameter = torch.nn.Parameter(torch.tensor([1.0]))
    first, second = WeightAverage([parameter]), WeightAverage([parameter])
    first.update()
    second.restore(first.state())
    parameter.data.fill_(3.0)
    first.update()
    second.update()
    with second.in_place():
        assert parameter.tolist() == [2.0]


def test_a_decay_of_all_is_refused() -> None:
    with pytest.raises(ValueError, match="a decay of 0 or more"):
        WeightAverage([], decay=1.0)
