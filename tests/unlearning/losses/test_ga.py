"""Ascent is the sum of the targets' log probabilities."""

from hypothesis import given

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, written
from unlearning.losses.ga import ga


@few
@given(cases)
def test_it_is_what_is_written_out(case: Case) -> None:
    batch = case.batch()

    def reference(values: Array) -> float:
        return sum(batch.likelihoods(values))

    assert learnt(lambda values: ga(batch.forecast(values)), case, batch) == written(
        reference, len(batch.places()), case, batch
    )
