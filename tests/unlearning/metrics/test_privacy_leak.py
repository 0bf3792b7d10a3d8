"""PrivLeak points the way that MUSE says, and its band comes from gold beside gold."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from unlearning.metrics.privacy_leak import Guesses, leak_band, privacy_leak


def guesses(forget: float, unseen: float, seed: int, count: int = 80) -> Guesses:
    rng = np.random.default_rng(seed)
    return Guesses(rng.normal(forget, 1, count), rng.normal(unseen, 1, count))


def test_it_is_the_published_formula_over_an_auc_with_unseen_text_positive() -> None:
    model, gold = guesses(-1, 0, 1), guesses(0, 0, 2)

    def published(one: Guesses) -> float:
        # MUSE scores by likelihood, so a higher score is more of a member there.
        likely = [*-one.forget, *-one.unseen]
        return float(roc_auc_score([0] * len(one.forget) + [1] * len(one.unseen), likely))

    expected = (published(model) - published(gold)) / published(gold) * 100
    assert privacy_leak(model, gold) == pytest.approx(expected)


def test_what_is_still_known_is_near_minus_a_hundred_and_what_was_driven_too_far_above_zero() -> None:
    gold = guesses(0, 0, 3)
    assert privacy_leak(guesses(-9, 0, 4), gold) == pytest.approx(-100, abs=1)
    assert privacy_leak(guesses(9, 0, 5), gold) > 80
    assert privacy_leak(gold, gold) == 0


def test_the_band_of_two_golds_holds_about_every_third() -> None:
    held = 0
    for seed in range(10):
        gold, second, third = (guesses(0, 0, 100 * seed + one) for one in (1, 2, 3))
        band = leak_band(gold, second, np.random.default_rng(seed), 100)
        held += band.holds(privacy_leak(third, gold))
    assert held >= 8


def test_the_full_model_lies_outside_of_the_band() -> None:
    gold, second = guesses(0, 0, 6), guesses(0, 0, 7)
    band = leak_band(gold, second, np.random.default_rng(0), 300)
    assert not band.holds(privacy_leak(guesses(-3, 0, 8), gold))


def test_a_gold_that_knows_all_of_the_forget_set_is_an_error() -> None:
    with pytest.raises(ValueError, match="gold"):
        privacy_leak(guesses(0, 0, 1), Guesses(np.zeros(3), np.ones(3) * -1 + 5))
