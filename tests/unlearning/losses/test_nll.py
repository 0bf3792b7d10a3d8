"""Ordinary learning is ascent with the sign turned."""

from hypothesis import given

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, written
from unlearning.losses.nll import nll


@few
@given(cases)
def test_it_is_what_is_written_out(case: Case) -> None:
    batch = case.batch()

    def reference(values: Array) -> float:
        return -sum(batch.likelihoods(values))

    assert learnt(lambda values: nll(batch.forecast(values)), case, batch) == written(
        reference, len(batch.places()), case, batch
    )
