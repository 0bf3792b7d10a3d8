"""Bounds for rates: checked against published worked examples."""

import pytest

from evaluation.interval import Rate, excess_upper, wilson


def test_wilson_matches_a_worked_example() -> None:
    assert wilson(Rate(81, 263), z=1.959964) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_newcombe_matches_his_worked_example() -> None:
    """Newcombe 1998, example (a): 56/70 against 48/80, 95 % limits 0.0524 to 0.3339."""
    assert excess_upper(Rate(56, 70), Rate(48, 80), z=1.959964) == pytest.approx(0.3339, abs=1e-4)


def test_no_hit_in_few_trials_promises_little() -> None:
    assert excess_upper(Rate(0, 20), Rate(0, 20)) > 0.1
    assert excess_upper(Rate(0, 1000), Rate(0, 1000)) < 0.003


@pytest.mark.parametrize(("hits", "trials"), [(1, 0), (3, 2), (-1, 5)])
def test_an_impossible_rate_is_refused(hits: int, trials: int) -> None:
    with pytest.raises(ValueError, match="expected 0 <= hits <= trials"):
        Rate(hits, trials)
