"""Hidden states stay where they were."""

from hypothesis import given

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, written
from unlearning.losses.embed import embed


@few
@given(cases)
def test_it_is_what_is_written_out(case: Case) -> None:
    batch = case.batch()
    frozen = case.again(batch)

    def reference(values: Array) -> float:
        total = 0.0
        for (row, _), (before, _) in zip(batch.rows(values), frozen.rows(frozen.values), strict=True):
            total += sum((row[unit] - before[unit]) ** 2 for unit in range(case.width)) / case.width
        return float(total)

    assert learnt(lambda values: embed(batch.hidden(values), frozen.at_places()), case, batch) == written(
        reference, len(batch.places()), case, batch
    )
