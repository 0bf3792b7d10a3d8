"""How far the largest logit stands out, squared."""

from hypothesis import given

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, written
from unlearning.losses.flatten import flatten


@few
@given(cases)
def test_it_is_what_is_written_out(case: Case) -> None:
    batch = case.batch()

    def reference(values: Array) -> float:
        return sum(float(max(row) - sum(row) / len(row)) ** 2 for row, _ in batch.rows(values))

    assert learnt(lambda values: flatten(batch.forecast(values)), case, batch) == written(
        reference, len(batch.places()), case, batch
    )
