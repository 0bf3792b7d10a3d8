"""A floor of zero and a gradient that stays finite."""

import numpy as np
import torch
from hypothesis import given

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, written
from unlearning.losses.forecast import Forecast
from unlearning.losses.uce import uce


@few
@given(cases)
def test_it_is_what_is_written_out(case: Case) -> None:
    batch = case.batch()

    def reference(values: Array) -> float:
        return sum(-float(np.log(1 - np.exp(said) / 2)) for said in batch.likelihoods(values))

    assert learnt(lambda values: uce(batch.forecast(values)), case, batch) == written(
        reference, len(batch.places()), case, batch
    )


def test_it_lies_between_none_and_log_two_however_sure_the_model_is() -> None:
    def at(logit: float) -> float:
        forecast = Forecast.of(torch.tensor([[[logit, 0.0], [0.0, 0.0]]]), torch.tensor([[-100, 0]]))
        return float(uce(forecast).sum)

    assert at(-1000.0) == 0
    assert abs(at(1000.0) - np.log(2)) < 1e-6
