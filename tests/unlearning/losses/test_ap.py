"""The answer stays likelier than a refusal."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, written
from unlearning.losses.ap import ap
from unlearning.losses.forecast import BatchError, Forecast
from unlearning.losses.total import Total


@few
@given(cases, st.floats(0.05, 2))
def test_it_is_what_is_written_out(case: Case, beta: float) -> None:
    retain, declined = case.batch(), case.batch()

    def reference(values: Array) -> float:
        said, refused = retain.by_text(values[: retain.size]), declined.by_text(values[retain.size :])
        margins = [answer - refusal for answer, refusal in zip(said, refused, strict=True)]
        return sum(float(np.logaddexp(0, -beta * margin)) / beta for margin in margins)

    def loss(values: torch.Tensor) -> Total:
        return ap(retain.forecast(values[: retain.size]), declined.forecast(values[retain.size :]), beta=beta)

    assert learnt(loss, case, retain, declined) == written(reference, case.texts, case, retain, declined)


def test_another_number_of_refusals_is_refused() -> None:
    one = Forecast.of(torch.zeros(1, 2, 3), torch.tensor([[-100, 0]]))
    two = Forecast.of(torch.zeros(2, 2, 3), torch.tensor([[-100, 0]] * 2))

    with pytest.raises(BatchError, match="each of 1 texts"):
        ap(one, two)
