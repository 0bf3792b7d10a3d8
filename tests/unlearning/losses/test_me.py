"""The divergence of the forecast from the uniform distribution."""

import numpy as np
import torch
from hypothesis import given

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, log_softmax, written
from unlearning.losses.forecast import Forecast
from unlearning.losses.me import me


@few
@given(cases)
def test_it_is_what_is_written_out(case: Case) -> None:
    batch = case.batch()

    def reference(values: Array) -> float:
        total = 0.0
        for row, _ in batch.rows(values):
            total += sum(float(np.log(1 / case.width) - said) / case.width for said in log_softmax(row))
        return total

    assert learnt(lambda values: me(batch.forecast(values)), case, batch) == written(
        reference, len(batch.places()), case, batch
    )


def test_a_model_that_foretells_all_alike_has_none() -> None:
    alike = Forecast.of(torch.ones(1, 2, 5), torch.tensor([[-100, 0]]))

    assert abs(float(me(alike).sum)) < 1e-6
