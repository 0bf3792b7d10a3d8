"""What is told of throughput is a median, and a bound that it is above in 95 of 100 cases."""

from random import Random

import pytest

from benchmarks.steering import Ratio, below


@pytest.mark.parametrize(("count", "place"), [(5, 0), (8, 1), (30, 10), (60, 23)])
def test_the_bound_is_the_last_that_the_median_is_above_often_enough(count: int, place: int) -> None:
    chance = Random(1)
    missed = sum(sorted(chance.random() for _ in range(count))[place] > 0.5 for _ in range(4000))
    further = sum(sorted(chance.random() for _ in range(count))[place + 1] > 0.5 for _ in range(4000))
    assert below(count) == place
    assert missed / 4000 < 0.06 < further / 4000 + 0.01


def test_a_burst_of_other_work_moves_neither_figure() -> None:
    calm = Ratio.of([1.0] * 30, [1.25] * 30)
    disturbed = Ratio.of([*[1.0] * 24, *[9.0] * 6], [*[9.0] * 6, *[1.25] * 24])
    assert (calm.middle, calm.low) == (0.8, 0.8)
    assert (disturbed.middle, disturbed.low) == (0.8, 0.8)
