"""Probability, forget quality and model utility beside formulas written down again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from unlearning.metrics.forget_quality import forget_quality
from unlearning.metrics.model_utility import Kept, model_utility
from unlearning.metrics.probability import probability, probability_among

PARTS = st.floats(0.01, 1)


@given(
    arrays(np.float64, 3, elements=st.floats(-8, 0)), arrays(np.float64, (3, 2), elements=st.floats(-8, 0))
)
def test_an_answer_among_others_has_its_share_of_their_probability(
    answers: np.ndarray, wrong: np.ndarray
) -> None:
    right, others = probability(answers), np.exp(wrong).sum(axis=1)
    assert probability_among(answers, wrong) == pytest.approx(right / (right + others))


def test_an_answer_among_others_that_all_have_no_odds_left_keeps_its_share() -> None:
    assert probability_among(np.array([-5000.0]), np.array([[-5000.0, -5000.0]])) == pytest.approx(1 / 3)


def test_forget_quality_falls_as_the_models_part() -> None:
    gold = np.linspace(-1, 1, 200)
    found = [forget_quality(gold + shift, gold).p for shift in (0, 0.1, 0.3, 1)]
    assert found == sorted(found, reverse=True)
    assert found[0] == 1
    assert found[-1] < 1e-9


@given(arrays(np.float64, 20, elements=st.floats(-3, 3)), arrays(np.float64, 15, elements=st.floats(-3, 3)))
def test_forget_quality_is_of_distributions_so_a_ratio_may_be_a_logarithm_or_its_inverse(
    ratios: np.ndarray, gold: np.ndarray
) -> None:
    found = forget_quality(ratios, gold)
    assert found.distance == pytest.approx(_greatest_gap(ratios, gold))
    assert forget_quality(-ratios, -gold).p == pytest.approx(found.p)
    assert forget_quality(ratios[::-1], gold).p == found.p


def _greatest_gap(one: np.ndarray, other: np.ndarray) -> float:
    return max(abs(float((one <= x).mean() - (other <= x).mean())) for x in (*one, *other))


def test_forget_quality_of_a_broken_model_is_an_error() -> None:
    with pytest.raises(ValueError, match="finite"):
        forget_quality(np.array([0.0, np.nan]), np.array([0.0, 1.0]))


@given(st.lists(st.tuples(PARTS, PARTS, PARTS), min_size=3, max_size=3))
def test_model_utility_is_the_harmonic_mean_of_nine(sets: list[tuple[float, float, float]]) -> None:
    parts = [part for one in sets for part in one]
    found = model_utility([Kept(*one) for one in sets])
    assert found == pytest.approx(9 / sum(1 / part for part in parts))
    assert min(parts) - 1e-12 <= found <= max(parts) + 1e-12


def test_a_model_that_lost_one_thing_whole_has_no_utility() -> None:
    assert model_utility([Kept(1.0, 1.0, 1.0), Kept(1.0, 0.0, 1.0)]) == 0
