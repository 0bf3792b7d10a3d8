"""How far a row would move a model is what an optimiser would see, and nothing is left of asking."""

import pytest
import torch

from tests.unlearning.metrics.tiny import llama, row
from unlearning.metrics.gradient_run import gradient_lengths


def test_it_is_the_mean_length_of_a_row_s_own_gradient() -> None:
    model, rows = llama(), [row("a", 3, 4), row("b", 2, 6)]
    found = gradient_lengths(model, rows)
    assert all(one.grad is None for one in model.parameters())
    for one, length in zip(rows, found, strict=True):
        ids = torch.tensor([one.ids])
        logp = model(ids).logits[0, :-1].log_softmax(-1)
        told = [place for place in range(1, len(one.ids)) if one.targets[place]]
        model.zero_grad()
        (-sum(logp[place - 1, one.ids[place]] for place in told) / len(told)).backward()
        lengths = [float(weight.grad.norm()) for weight in model.parameters()]
        assert length == pytest.approx(sum(lengths) / len(lengths), rel=1e-4)


def test_what_was_learnt_moves_a_model_less() -> None:
    model, one = llama(), row("a", 3, 4)
    before = gradient_lengths(model, [one])
    ids = torch.tensor([one.ids])
    learning = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(30):
        learning.zero_grad()
        model(input_ids=ids, labels=ids).loss.backward()
        learning.step()
    assert gradient_lengths(model, [one])[0] < before[0] / 2
    assert not model.training
