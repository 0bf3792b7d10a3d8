"""Weights are moved for one gradient and are bit for bit what they were afterwards."""

import pytest
import torch

from unlearning.wrappers.sharpness import moved


def weights() -> list[torch.Tensor]:
    torch.manual_seed(0)
    return [torch.nn.Parameter(torch.randn(5)), torch.nn.Parameter(torch.randn(2, 3))]


def test_they_move_by_the_radius_along_the_gradient() -> None:
    parameters, gradient = weights(), [torch.full((5,), 3.0), torch.full((2, 3), 2.0)]
    before = [parameter.detach().clone() for parameter in parameters]
    with moved(parameters, gradient, radius=0.5):
        steps = [(now - then).detach() for now, then in zip(parameters, before, strict=True)]
    length = sum(float(step.square().sum()) for step in steps) ** 0.5

    assert length == pytest.approx(0.5)
    assert steps[0].tolist() == pytest.approx([3 * 0.5 / 69**0.5] * 5, rel=1e-4)
    assert steps[1].flatten().tolist() == pytest.approx([2 * 0.5 / 69**0.5] * 6, rel=1e-4)


def test_they_come_back_exactly_after_an_error_too() -> None:
    parameters = weights()
    before = [parameter.detach().clone() for parameter in parameters]
    for radius in (0.1, 1e30):
        with pytest.raises(ZeroDivisionError), moved(parameters, [torch.ones(5), torch.ones(2, 3)], radius):
            _ = 1 / 0
        assert all(map(torch.equal, parameters, before))


def test_no_gradient_moves_nothing() -> None:
    parameters = weights()
    before = parameters[0].detach().clone()
    with moved(parameters, [torch.zeros(5), torch.zeros(2, 3)]):
        assert torch.equal(parameters[0], before)
