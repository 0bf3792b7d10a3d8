"""Hidden states are drawn to one random direction, the same for a seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unlearning.losses.drawn import Array, Case, cases, few, learnt, written
from unlearning.losses.rmu import control, rmu


@few
@given(cases, st.floats(0.5, 30), st.integers(0, 100))
def test_it_is_what_is_written_out(case: Case, scale: float, seed: int) -> None:
    batch = case.batch()
    aim = control(case.width, scale, seed).numpy()

    def reference(values: Array) -> float:
        total = 0.0
        for row, _ in batch.rows(values):
            total += sum((row[unit] - aim[unit]) ** 2 for unit in range(case.width)) / case.width
        return float(total)

    assert learnt(lambda values: rmu(batch.hidden(values), scale=scale, seed=seed), case, batch) == written(
        reference, len(batch.places()), case, batch
    )


def test_the_direction_is_as_long_as_the_scale_and_points_where_all_units_are_above_zero() -> None:
    aim = control(64, 20.0, 3).numpy()

    assert float(np.sqrt((aim**2).sum())) == pytest.approx(20)
    assert (aim >= 0).all()
    assert (control(64, 20.0, 3).numpy() == aim).all()
    assert (control(64, 20.0, 4).numpy() != aim).any()
