"""What fine-tuning added is taken away, weight by weight."""

import pytest
import torch

from unlearning.losses.task_vector import task_vector


def test_each_weight_moves_against_what_tuning_added() -> None:
    start = {"a": torch.tensor([1.0, 2.0]), "steps": torch.tensor(3)}
    tuned = {"a": torch.tensor([1.5, 1.0]), "steps": torch.tensor(9)}
    moved = task_vector(start, tuned, alpha=2.0)

    assert moved["a"].tolist() == [0.0, 4.0]
    assert moved["steps"].item() == 3
    assert start["a"].tolist() == [1.0, 2.0]


def test_half_precision_is_rounded_once() -> None:
    start, tuned = {"a": torch.tensor([1.0]).bfloat16()}, {"a": torch.tensor([1.0078125]).bfloat16()}
    moved = task_vector(start, tuned, alpha=0.4)

    assert moved["a"].dtype is torch.bfloat16
    assert moved["a"].item() == torch.tensor(1 - 0.4 * 0.0078125).bfloat16().item()


def test_weights_of_another_model_are_refused() -> None:
    with pytest.raises(ValueError, match="same names and shapes"):
        task_vector({"a": torch.zeros(2)}, {"a": torch.zeros(3)})
