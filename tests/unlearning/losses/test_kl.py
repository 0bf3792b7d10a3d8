"""The divergence from the frozen model, which may forbid tokens."""

import numpy as np
import pytest
import torch
from hypothesis import given

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, log_softmax, softmax, written
from unlearning.losses.forecast import Forecast
from unlearning.losses.kl import kl, taught


@few
@given(cases)
def test_it_is_what_is_written_out(case: Case) -> None:
    batch = case.batch()
    frozen = case.again(batch)

    def reference(values: Array) -> float:
        total = 0.0
        for (row, _), (before, _) in zip(batch.rows(values), frozen.rows(frozen.values), strict=True):
            total += float((softmax(before) * (log_softmax(before) - log_softmax(row))).sum())
        return total

    assert learnt(lambda values: kl(batch.forecast(values), frozen.at_places()), case, batch) == written(
        reference, len(batch.places()), case, batch
    )


@few
@given(cases)
def test_a_model_is_no_way_from_itself(case: Case) -> None:
    batch = case.batch()
    same = kl(batch.forecast(torch.from_numpy(batch.values)), batch.at_places())

    assert abs(float(same.sum)) < 1e-9


def test_a_forbidden_token_counts_nothing_and_leaves_the_gradient_finite() -> None:
    logits = torch.tensor([[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]], requires_grad=True)
    forecast = Forecast.of(logits, torch.tensor([[-100, 0]]))
    teacher = torch.tensor([[0.0, 0.5, 0.5]])
    taught(teacher, forecast).sum().backward()

    assert taught(teacher, forecast).tolist() == pytest.approx([np.log(1.5)])
    assert logits.grad is not None
    assert logits.grad[0, 0].tolist() == pytest.approx([1 / 3, -1 / 6, -1 / 6])
