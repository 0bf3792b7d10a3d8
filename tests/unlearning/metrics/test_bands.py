"""Bands: where figures lie by chance, and where means lie when items are drawn again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import bootstrap

from unlearning.metrics.bootstrap import mean_band
from unlearning.metrics.null_band import Band, null_band

DIFFERENCES = arrays(np.float64, st.integers(1, 40), elements=st.floats(-1, 1))


def test_a_null_band_leaves_out_as_much_above_as_below() -> None:
    values = iter(range(1001))
    band = null_band(lambda: float(next(values)), 1001, 0.9)
    assert (band.low, band.high) == pytest.approx((50, 950))


def test_a_band_from_high_to_low_is_an_error() -> None:
    with pytest.raises(ValueError, match="low to high"):
        Band(1.0, 0.0)


def test_the_bounds_of_a_mean_are_those_of_scipy() -> None:
    differences = np.random.default_rng(1).normal(0.2, 1, 60)
    ours = mean_band(differences, np.random.default_rng(2), 20_000)
    theirs = bootstrap((differences,), np.mean, n_resamples=20_000, method="percentile", rng=3)
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.01)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.01)


@given(DIFFERENCES, st.floats(-2, 2))
def test_the_bounds_lie_about_the_mean_and_move_with_it(differences: np.ndarray, shift: float) -> None:
    band = mean_band(differences, np.random.default_rng(0), 500)
    moved = mean_band(differences + shift, np.random.default_rng(0), 500)
    assert differences.min() - 1e-12 <= band.low <= band.high <= differences.max() + 1e-12
    assert (moved.low, moved.high) == pytest.approx((band.low + shift, band.high + shift))


def test_a_difference_in_all_items_is_sure_and_one_in_few_is_not() -> None:
    rng = np.random.default_rng(0)
    assert mean_band(np.full(30, 0.1), rng).low > 0
    assert not mean_band(np.array([1.0] + [-0.02] * 29), rng).low > 0


def test_the_same_seed_gives_the_same_bounds_however_many_items_fit_at_once() -> None:
    many = np.random.default_rng(1).normal(size=3000)
    found = [mean_band(many, np.random.default_rng(5), 700) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0].holds(float(many.mean()))


def test_no_items_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least one item"):
        mean_band(np.array([]), np.random.default_rng(0))
