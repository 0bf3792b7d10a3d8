"""Ascent weighted by how likely a target still is; the weight has no gradient."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, written
from unlearning.losses.wga import wga


@few
@given(cases, st.floats(0.2, 5))
def test_it_is_what_is_written_out_with_the_weights_held(case: Case, beta: float) -> None:
    batch = case.batch()
    weights = [np.exp(said) ** beta for said in batch.likelihoods(batch.values)]

    def reference(values: Array) -> float:
        return float(sum(w * said for w, said in zip(weights, batch.likelihoods(values), strict=True)))

    assert learnt(lambda values: wga(batch.forecast(values), beta=beta), case, batch) == written(
        reference, len(batch.places()), case, batch
    )
