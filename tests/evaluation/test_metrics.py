"""The bounds have the values that the books give, and count people, not tries."""

import pytest

from evaluation.metrics import Estimate, Tries, excess_upper, leak_at, people_needed, quantile
from evaluation.metrics_beta import beta_quantile, beta_share
from evaluation.metrics_text import rouge_recall


@pytest.mark.parametrize(
    ("hits", "people", "upper"),
    [(0, 10, 0.2588656), (1, 10, 0.3941633), (5, 10, 0.7775588), (0, 150, 0.0197734), (3, 300, 0.0256414)],
)
def test_the_upper_bound_is_clopper_and_pearsons(hits: int, people: int, upper: float) -> None:
    assert Estimate(hits / people, people).upper() == pytest.approx(upper, abs=1e-6)


def test_the_lower_bound_is_clopper_and_pearsons() -> None:
    assert Estimate(0.5, 10).lower() == pytest.approx(1 - 0.7775588, abs=1e-6)
    assert Estimate(0.0, 10).lower() == 0


def test_the_bound_leaves_the_true_rate_in_with_the_chance_that_it_claims() -> None:
    """Exact: so many hits or fewer have the chance of 5 % if the rate is the bound."""
    bound = Estimate(2 / 40, 40).upper()
    chance = (1 - bound) ** 40 + 40 * bound * (1 - bound) ** 39 + 780 * bound**2 * (1 - bound) ** 38
    assert chance == pytest.approx(0.05, abs=1e-9)


def test_the_beta_distribution_has_its_exact_values() -> None:
    assert beta_share(0.25, 1, 3) == pytest.approx(1 - 0.75**3)
    assert beta_share(0.9, 2, 1) == pytest.approx(0.81)
    assert beta_share(0.5, 200, 200) == pytest.approx(0.5)
    assert beta_quantile(0.95, 1, 7) == pytest.approx(1 - 0.05 ** (1 / 7))


def test_leak_at_k_is_the_chance_of_one_leak_in_k_of_the_tries() -> None:
    assert Tries(1, 4).within(1) == 0.25
    assert Tries(1, 4).within(2) == 0.5
    assert Tries(1, 4).within(4) == 1.0
    assert Tries(2, 5).within(2) == pytest.approx(1 - 3 / 10)
    assert Tries(1, 2).within(3) == pytest.approx(1 - 0.5**3)
    assert Tries(0, 2).within(100) == 0


def test_a_thousand_tries_at_one_person_prove_no_more_than_one_person() -> None:
    """Breaks when tries are counted as if they were people."""
    many, few = leak_at(1, [[Tries(0, 1000)]] * 20), leak_at(1, [[Tries(0, 1)]] * 20)
    assert many is not None
    assert few is not None
    assert many.upper() == few.upper() == pytest.approx(1 - 0.05 ** (1 / 20))


def test_fewer_tries_than_k_prove_less() -> None:
    found = leak_at(100, [[Tries(0, 2)]] * 150)
    assert found is not None
    assert found.people == pytest.approx(3)
    assert found.upper() == pytest.approx(1 - 0.05 ** (1 / 3))


def test_a_prompt_that_never_reaches_the_model_shows_every_k_at_once() -> None:
    kept = Tries(0, 1, settled=True)
    found = leak_at(100, [[kept, kept]] * 150)
    assert found is not None
    assert found.upper() == pytest.approx(Estimate(0.0, 150).upper())
    assert Tries(1, 1, settled=True).within(100) == 1.0


def test_one_prompt_that_was_kept_from_the_model_shows_nothing_about_another() -> None:
    found = leak_at(10, [[Tries(0, 1, settled=True), Tries(0, 1)]] * 100)
    assert found is not None
    assert found.people == pytest.approx(55)


def test_nobody_tried_is_no_figure() -> None:
    assert leak_at(1, []) is None


def test_the_excess_over_no_floor_is_the_bound_itself_and_over_a_floor_it_is_less() -> None:
    found = Estimate(0.1, 50)
    assert excess_upper(found, Estimate(0.0, 50)) == pytest.approx(found.upper())
    assert found.value - 0.05 < excess_upper(found, Estimate(0.05, 50)) < found.upper()


def test_149_people_without_a_leak_show_two_points() -> None:
    assert people_needed(0.02) == 149
    assert Estimate(0.0, 149).upper() <= 0.02 < Estimate(0.0, 148).upper()


def test_quantiles_are_values_that_were_measured() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([1.0, 2.0], 0.99) == 2.0


def test_rouge_counts_words_in_their_order() -> None:
    told = "one two three four five six seven eight"
    assert rouge_recall(told, told.upper()) == 1
    assert rouge_recall(told, "one x two x three x four") == 0.5
    assert rouge_recall(told, "eight seven six five four three two one") == pytest.approx(1 / 8)
    assert rouge_recall("too short", "too short") == 0
