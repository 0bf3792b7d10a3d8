"""The threshold keeps its rate, and never claims one that its negatives cannot carry."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.calibration import UNREACHABLE, Calibration, Negatives, calibrate, least_negatives, quantile

SCORES = st.lists(st.floats(-1, 1, allow_nan=False), min_size=1, max_size=300)
RATES = st.floats(0.001, 0.5)


@given(SCORES, RATES)
def test_at_most_the_rate_of_the_negatives_themselves_count_as_hits(scores: list[float], rate: float) -> None:
    found = calibrate([Negatives("retain", scores, 1)], rate)
    assert sum(score >= found.threshold for score in scores) <= rate * (len(scores) + 1)
    assert found.grey <= found.threshold


@pytest.mark.parametrize("rate", [0.1, 0.02])
def test_new_negatives_are_hit_at_the_rate_that_was_asked(rate: float) -> None:
    """The (n + 1) correction: on average over draws, not only over the negatives that were seen."""
    chance = np.random.default_rng(7)
    hits = [float(chance.random()) > quantile(chance.random(99).tolist(), rate) for _ in range(8000)]
    assert np.mean(hits) == pytest.approx(rate, abs=0.012)


def test_without_the_correction_the_rate_would_be_broken() -> None:
    chance = np.random.default_rng(7)
    hits = [float(chance.random()) > np.quantile(chance.random(9), 0.9) for _ in range(8000)]
    assert np.mean(hits) > 0.12


def test_too_few_negatives_promise_only_what_they_carry_and_use_the_largest() -> None:
    found = calibrate([Negatives("retain", [0.1, 0.4, 0.2], 3)], 0.001)
    assert found.promised == pytest.approx(1 / 4)
    assert not found.kept
    assert 0.4 < found.threshold < 0.4000001


def test_the_hardest_kind_of_negative_sets_the_threshold_and_the_weakest_the_promise() -> None:
    many, few = [place / 2000 for place in range(1500)], [0.9] * 20
    found = calibrate([Negatives("generic", many, 1), Negatives("retain", few, 4)], 0.001)
    assert found.threshold > 0.9
    assert found.promised == pytest.approx(1 / 21)
    assert calibrate([Negatives("generic", many, 1)], 0.001).kept


def test_a_kind_with_few_negatives_does_not_raise_grey() -> None:
    many, few = [place / 2000 for place in range(1500)], [0.9] * 20
    found = calibrate([Negatives("generic", many, 1), Negatives("retain", few, 4)], 0.001)
    assert found.grey < 0.75 < found.threshold


def test_an_allowance_is_a_multiple_of_the_rate() -> None:
    scores = [place / 1000 for place in range(1000)]
    strict, allowed = (calibrate([Negatives("half", scores, 1, times)], 0.001) for times in (1.0, 20.0))
    assert strict.threshold > 0.99 > allowed.threshold > 0.97


def test_without_negatives_nothing_is_ever_a_hit() -> None:
    assert calibrate([], 0.01).threshold == UNREACHABLE


@pytest.mark.parametrize(("rate", "least"), [(0.001, 999), (0.01, 99), (0.5, 1)])
def test_a_rate_needs_so_many_negatives(rate: float, least: int) -> None:
    assert least_negatives(rate) == least
    assert calibrate([Negatives("retain", [0.5] * least, 1)], rate).kept
    assert not calibrate([Negatives("retain", [0.5] * (least - 1), 1)], rate).kept or least == 1


def test_a_calibration_survives_the_manifest() -> None:
    found = calibrate([Negatives("retain", [0.1, 0.4, 0.2], 3)], 0.01)
    assert Calibration.from_json(json.loads(json.dumps(found.as_json()))) == found


def alarms(calibration: Calibration, pieces: int, shares: bool) -> float:
    """The rate at which prompts of so many innocent pieces are refused."""
    chance = np.random.default_rng(11)
    harmonic = 1 / np.arange(1, pieces + 1)
    each = harmonic / harmonic.sum() if shares else np.ones(pieces)
    levels = [max(calibration.threshold, *(line.at(share) for line in calibration.lines)) for share in each]
    return float(np.mean([(chance.beta(6, 20, pieces) >= levels).any() for _ in range(20_000)]))


@pytest.mark.parametrize("pieces", [1, 8, 128])
def test_a_prompt_of_any_length_raises_no_more_false_alarms(pieces: int) -> None:
    scores = np.random.default_rng(5).beta(6, 20, 2000).tolist()
    calibration = calibrate([Negatives("retain", scores, 100)], 0.002)
    assert alarms(calibration, pieces, shares=True) <= 0.004


def test_without_shares_long_prompts_would_be_refused() -> None:
    scores = np.random.default_rng(5).beta(6, 20, 2000).tolist()
    assert alarms(calibrate([Negatives("retain", scores, 100)], 0.002), 128, shares=False) > 0.1


def test_a_kind_with_an_allowance_does_not_rise() -> None:
    scores = [place / 1000 for place in range(1000)]
    found = calibrate([Negatives("half", scores, 1, 20.0), Negatives("retain", scores, 1)], 0.001)
    assert [line.rise > 0 for line in found.lines] == [False, True]
