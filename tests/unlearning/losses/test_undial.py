"""Cross-entropy with the frozen model's odds, the target's logit lowered."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, log_softmax, softmax, written
from unlearning.losses.forecast import Forecast
from unlearning.losses.undial import undial


@few
@given(cases, st.floats(0, 20))
def test_it_is_what_is_written_out(case: Case, beta: float) -> None:
    batch = case.batch()
    frozen = case.again(batch)

    def reference(values: Array) -> float:
        total = 0.0
        for (row, place), (before, _) in zip(batch.rows(values), frozen.rows(frozen.values), strict=True):
            lowered = before.copy()
            lowered[place.target] -= beta
            total -= float(softmax(lowered) @ log_softmax(row))
        return total

    assert learnt(
        lambda values: undial(batch.forecast(values), frozen.at_places(), beta=beta), case, batch
    ) == written(reference, len(batch.places()), case, batch)


def test_the_frozen_logits_stay_as_they_were() -> None:
    frozen = torch.zeros(1, 3)
    undial(Forecast.of(torch.zeros(1, 2, 3), torch.tensor([[-100, 0]])), frozen)

    assert frozen.tolist() == [[0, 0, 0]]
