"""The frozen model as steering edits it is what is learnt."""

import numpy as np
import pytest
import torch
from hypothesis import given

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, log_softmax, softmax, written
from unlearning.losses.divergence_distil import divergence_distil
from unlearning.losses.forecast import BatchError, Forecast


@few
@given(cases)
def test_it_is_what_is_written_out(case: Case) -> None:
    batch = case.batch()
    frozen = case.again(batch)
    shift = -np.abs(case.array(len(batch.places()), case.width))
    shift[case.random.random(shift.shape) < 0.2] = -np.inf
    shift[:, 0] = -1.0

    def reference(values: Array) -> float:
        total = 0.0
        for (row, _), (before, _), by in zip(
            batch.rows(values), frozen.rows(frozen.values), shift, strict=True
        ):
            odds, said = softmax(before + by), log_softmax(row)
            total += sum(q * (np.log(q) - p) for q, p in zip(odds, said, strict=True) if q > 0)
        return float(total)

    assert learnt(
        lambda values: divergence_distil(batch.forecast(values), frozen.at_places(), torch.from_numpy(shift)),
        case,
        batch,
    ) == written(reference, len(batch.places()), case, batch)


def test_a_place_where_all_is_banned_is_refused() -> None:
    forecast = Forecast.of(torch.zeros(1, 2, 3), torch.tensor([[-100, 0]]))

    with pytest.raises(BatchError, match="a token at every place"):
        divergence_distil(forecast, torch.zeros(1, 3), torch.full((1, 3), -torch.inf))
