"""Ascent weighted by saturation and importance; the weight has no gradient."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, written
from unlearning.losses.forecast import Forecast
from unlearning.losses.satimp import satimp


@few
@given(cases, st.floats(0.2, 5), st.floats(0, 2))
def test_it_is_what_is_written_out_with_the_weights_held(case: Case, beta1: float, beta2: float) -> None:
    batch = case.batch()
    odds = [np.exp(said) for said in batch.likelihoods(batch.values)]
    weights = [p**beta1 * (1 - p) ** beta2 for p in odds]

    def reference(values: Array) -> float:
        return float(sum(w * said for w, said in zip(weights, batch.likelihoods(values), strict=True)))

    assert learnt(
        lambda values: satimp(batch.forecast(values), beta1=beta1, beta2=beta2), case, batch
    ) == written(reference, len(batch.places()), case, batch)


def test_a_certain_target_gives_no_number_that_is_none() -> None:
    certain = Forecast.of(torch.tensor([[[100.0, 0.0], [0.0, 0.0]]]), torch.tensor([[-100, 0]]))

    assert float(satimp(certain).sum) == 0
