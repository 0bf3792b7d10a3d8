"""The truth ratio: both definitions, beside formulas written down again, and what any ratio keeps to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from unlearning.metrics.truth_ratio import Mean, forgotten, kept, log_ratios, share

LOGS = st.floats(-20, 0)
WRONG = arrays(np.float64, (4, 5), elements=LOGS)
RIGHT = arrays(np.float64, 4, elements=LOGS)
FAR = arrays(np.float64, 6, elements=st.floats(-2000, 2000))


@given(RIGHT, WRONG)
def test_both_means_are_those_of_the_probabilities(right: np.ndarray, wrong: np.ndarray) -> None:
    likely = np.exp(wrong)
    arithmetic = likely.sum(axis=1) / 5 / np.exp(right)
    geometric = likely.prod(axis=1) ** 0.2 / np.exp(right)
    assert np.exp(log_ratios(right, wrong, Mean.ARITHMETIC)) == pytest.approx(arithmetic, rel=1e-9)
    assert np.exp(log_ratios(right, wrong, Mean.GEOMETRIC)) == pytest.approx(geometric, rel=1e-9)


@given(RIGHT, WRONG)
def test_the_geometric_mean_is_never_above_the_arithmetic_one(right: np.ndarray, wrong: np.ndarray) -> None:
    arithmetic = log_ratios(right, wrong, Mean.ARITHMETIC)
    assert (log_ratios(right, wrong, Mean.GEOMETRIC) <= arithmetic + 1e-9).all()


@given(WRONG, RIGHT, st.permutations(range(5)))
def test_the_order_of_wrong_answers_is_no_matter(
    wrong: np.ndarray, right: np.ndarray, order: list[int]
) -> None:
    for mean in Mean:
        assert log_ratios(right, wrong[:, order], mean) == pytest.approx(log_ratios(right, wrong, mean))


@given(FAR)
def test_figures_stay_within_bounds_however_far_a_model_was_driven(ratios: np.ndarray) -> None:
    for figure in (forgotten, kept, share):
        assert ((figure(ratios) >= 0) & (figure(ratios) <= 1)).all()


@given(FAR)
def test_forgotten_is_the_same_of_a_ratio_and_its_inverse(ratios: np.ndarray) -> None:
    assert (forgotten(ratios) == forgotten(-ratios)).all()


@given(arrays(np.float64, 6, elements=st.floats(-5, 5)))
def test_figures_are_those_of_the_ratios_themselves(ratios: np.ndarray) -> None:
    plain = np.exp(ratios)
    assert forgotten(ratios) == pytest.approx(np.minimum(plain, 1 / plain))
    assert kept(ratios) == pytest.approx(np.maximum(0, 1 - plain), abs=1e-12)
    assert share(ratios) == pytest.approx(1 / (1 + plain))
