"""Guesses at membership: each beside its formula, and all of them pointing the same way."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score

from unlearning.metrics.membership import after_unseen, auc, loss, min_k, min_k_plus, reference, zlib_loss

LOGP = arrays(np.float64, st.integers(1, 30), elements=st.floats(-20, 0))
SCORES = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=12)


@given(LOGP)
def test_loss_is_the_mean_and_min_k_that_of_the_least_likely(logp: np.ndarray) -> None:
    count = max(1, int(len(logp) * 0.4))
    assert loss(logp) == pytest.approx(-sum(logp) / len(logp))
    assert min_k(logp) == pytest.approx(-sum(sorted(logp)[:count]) / count)
    assert min_k(logp, 1.0) == pytest.approx(loss(logp))


@given(LOGP, st.randoms(use_true_random=False))
def test_the_order_of_tokens_is_no_matter(logp: np.ndarray, chance: object) -> None:
    mixed = np.random.default_rng(len(logp)).permutation(logp)
    assert loss(mixed) == pytest.approx(loss(logp))
    assert min_k(mixed) == pytest.approx(min_k(logp))


@given(LOGP, st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_min_k_falls_as_more_tokens_count(logp: np.ndarray, one: float, other: float) -> None:
    assert min_k(logp, min(one, other)) >= min_k(logp, max(one, other)) - 1e-9 >= loss(logp) - 2e-9


def test_min_k_plus_counts_in_spreads_from_the_mean_over_the_vocabulary() -> None:
    logp, mean, spread = np.array([-1.0, -4.0, -9.0]), np.array([-2.0, -3.0, -1.0]), np.array([1.0, 0.5, 4.0])
    assert min_k_plus(logp, mean, spread, 1.0) == pytest.approx((-1 + 2 + 2) / 3)
    assert min_k_plus(logp, mean, spread, 0.4) == pytest.approx(2)


def test_what_unseen_texts_before_it_make_less_likely_was_learnt() -> None:
    learnt, new = np.array([-0.5, -0.1]), np.array([-3.0, -5.0])
    assert after_unseen(learnt, 4 * learnt) == pytest.approx(-4)
    assert after_unseen(learnt, 4 * learnt) < after_unseen(new, 0.9 * new)
    assert after_unseen(np.zeros(2), np.zeros(2)) == 0


def test_min_k_plus_of_odds_without_spread_is_a_number() -> None:
    assert min_k_plus(np.zeros(3), np.zeros(3), np.zeros(3)) == 0


def test_what_repeats_itself_is_the_less_a_member_for_it() -> None:
    logp, dull, rich = np.array([-1.0, -2.0]), "the the the the the the", "an owl met five grey foxes"
    assert zlib_loss(logp, dull) == 1.5 / len(zlib.compress(dull.encode()))
    assert zlib_loss(logp, dull) > zlib_loss(logp, rich)


def test_reference_is_what_another_model_finds_less_likely() -> None:
    assert reference(np.array([-1.0, -1.0]), np.array([-3.0, -5.0])) == -3


@given(SCORES, SCORES)
def test_auc_is_that_of_scikit_learn_with_members_lower(members: list[float], others: list[float]) -> None:
    labels = [0] * len(members) + [1] * len(others)
    found = auc(members, others)
    assert found == pytest.approx(roc_auc_score(labels, members + others))
    assert auc(others, members) == pytest.approx(1 - found)
    assert auc([2 * one + 1 for one in members], [2 * one + 1 for one in others]) == found


def test_members_that_all_score_lower_are_clear() -> None:
    assert auc([1.0, 2.0], [3.0, 4.0]) == 1


def test_auc_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="found none"):
        auc([], [1.0])
