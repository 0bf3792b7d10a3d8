"""Cross-entropy with the model's own odds without the target, which have no gradient."""

from hypothesis import given

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, log_softmax, softmax, written
from unlearning.losses.ceu import ceu


@few
@given(cases)
def test_it_is_what_is_written_out_with_its_own_odds_held(case: Case) -> None:
    batch = case.batch()
    held = []
    for row, place in batch.rows(batch.values):
        odds = softmax(row)
        odds[place.target] = 0
        held.append(odds / odds.sum())

    def reference(values: Array) -> float:
        rows = [row for row, _ in batch.rows(values)]
        return -sum(float(odds @ log_softmax(row)) for odds, row in zip(held, rows, strict=True))

    assert learnt(lambda values: ceu(batch.forecast(values)), case, batch) == written(
        reference, len(batch.places()), case, batch
    )
