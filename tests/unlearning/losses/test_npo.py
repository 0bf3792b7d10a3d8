"""Ascent that fades: a sigmoid of what a text has gained on the frozen model."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, written
from unlearning.losses.forecast import Forecast
from unlearning.losses.npo import npo


@few
@given(cases, st.floats(0.05, 2))
def test_it_is_what_is_written_out(case: Case, beta: float) -> None:
    batch = case.batch()
    frozen = case.again(batch)
    before = frozen.by_text(frozen.values)

    def reference(values: Array) -> float:
        pairs = zip(batch.by_text(values), before, strict=True)
        return sum(2 / beta * float(np.logaddexp(0, beta * (now - then))) for now, then in pairs)

    likelihood = torch.tensor(before, dtype=torch.float64)
    assert learnt(lambda values: npo(batch.forecast(values), likelihood, beta=beta), case, batch) == written(
        reference, case.texts, case, batch
    )


def test_what_is_already_unlikely_is_hardly_pushed_further() -> None:
    def slope(unlikely: float) -> float:
        logits = torch.tensor([[[unlikely, 0.0], [0.0, 0.0]]], requires_grad=True)
        npo(Forecast.of(logits, torch.tensor([[-100, 0]])), torch.zeros(1), beta=1.0).sum.backward()
        assert logits.grad is not None
        return float(logits.grad.abs().max())

    assert slope(-20.0) < 1e-6 < slope(0.0)
