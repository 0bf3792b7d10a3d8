"""The alternative gains on the true answer, both against the frozen model."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, written
from unlearning.losses.dpo import dpo
from unlearning.losses.forecast import BatchError, Forecast
from unlearning.losses.total import Total


@few
@given(cases, st.floats(0.05, 2))
def test_it_is_what_is_written_out(case: Case, beta: float) -> None:
    forget, other = case.batch(), case.batch()
    before, other_before = case.array(case.texts), case.array(case.texts)

    def reference(values: Array) -> float:
        total = 0.0
        said, other_said = forget.by_text(values[: forget.size]), other.by_text(values[forget.size :])
        for text in range(case.texts):
            margin = (other_said[text] - other_before[text]) - (said[text] - before[text])
            total += 2 / beta * float(np.logaddexp(0, -beta * margin))
        return total

    def loss(values: torch.Tensor) -> Total:
        answers = forget.forecast(values[: forget.size]), other.forecast(values[forget.size :])
        frozen = torch.from_numpy(before), torch.from_numpy(other_before)
        return dpo(answers[0], frozen[0], answers[1], frozen[1], beta=beta)

    assert learnt(loss, case, forget, other) == written(reference, case.texts, case, forget, other)


def test_another_number_of_alternatives_is_refused() -> None:
    one = Forecast.of(torch.zeros(1, 2, 3), torch.tensor([[-100, 0]]))
    two = Forecast.of(torch.zeros(2, 2, 3), torch.tensor([[-100, 0]] * 2))

    with pytest.raises(BatchError, match="each of 1 texts"):
        dpo(one, torch.zeros(1), two, torch.zeros(1))
