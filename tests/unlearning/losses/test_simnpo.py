"""The same with a text's mean likelihood and no frozen model."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, written
from unlearning.losses.simnpo import simnpo


@few
@given(cases, st.floats(0.1, 5), st.floats(-1, 1))
def test_it_is_what_is_written_out(case: Case, beta: float, delta: float) -> None:
    batch = case.batch()
    lengths = [sum(place.text == text for place in batch.places()) for text in range(case.texts)]

    def reference(values: Array) -> float:
        means = [said / length for said, length in zip(batch.by_text(values), lengths, strict=True)]
        return sum(2 / beta * float(np.logaddexp(0, beta * (mean + delta))) for mean in means)

    assert learnt(
        lambda values: simnpo(batch.forecast(values), beta=beta, delta=delta), case, batch
    ) == written(reference, case.texts, case, batch)
