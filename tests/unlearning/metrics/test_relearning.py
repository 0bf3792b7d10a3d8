"""Relearning, MUSE's scale and sustain, in-context relearning, depth: what their numbers mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from unlearning.metrics.depth import unlearning_depth
from unlearning.metrics.in_context import Context, beyond_gold, gain
from unlearning.metrics.relearning import Curve, Point, beyond, split
from unlearning.metrics.scale import nested
from unlearning.metrics.sustain import Trend, portions

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=8)
DROPS = arrays(np.float64, 6, elements=st.floats(-1, 5))


def curve(held_out: list[float]) -> Curve:
    return Curve(tuple(Point(10 * place, 1.0, value) for place, value in enumerate(held_out)))


@given(SHARES)
def test_what_came_back_is_the_most_and_the_area_lies_within_the_values(held_out: list[float]) -> None:
    found = curve(held_out)
    assert found.back == max(held_out)
    assert min(held_out) - 1e-12 <= found.area <= max(held_out) + 1e-12


def test_what_comes_back_sooner_has_more_area_and_fewer_steps() -> None:
    soon, late = curve([0, 0.8, 0.8, 0.8]), curve([0, 0, 0, 0.8])
    assert (soon.area, late.area) == pytest.approx((2 / 3, 0.4 / 3))
    assert (soon.steps_to(0.5), late.steps_to(0.5), late.steps_to(0.9)) == (10, 30, None)


def test_only_what_gold_does_not_learn_as_well_counts() -> None:
    assert beyond(curve([0, 0.5, 0.4]), curve([0, 0.1, 0.2])) == pytest.approx(0.3)


def test_a_curve_tells_what_was_known_before_the_first_step() -> None:
    with pytest.raises(ValueError, match="before the first step"):
        Curve((Point(10, 1.0, 0.0),))


@given(st.lists(st.sampled_from("abcdef"), min_size=6, max_size=30), st.floats(0, 1), st.integers(0, 99))
def test_a_split_keeps_every_subject_whole(subjects: list[str], share: float, seed: int) -> None:
    items = [*enumerate([*subjects, "y", "z"])]
    taught, held_out = split(items, lambda one: one[1], share, np.random.default_rng(seed))
    assert taught
    assert held_out
    assert sorted(taught + held_out) == items
    assert {name for _, name in taught}.isdisjoint(name for _, name in held_out)


def test_one_subject_can_not_be_split() -> None:
    with pytest.raises(ValueError, match="two subjects"):
        split([1, 2], lambda _: "same", 0.5, np.random.default_rng(0))


@given(st.integers(1, 40), st.data())
def test_portions_are_disjoint_and_nested_sets_grow_to_all(size: int, data: st.DataObject) -> None:
    items, count = list(range(size)), data.draw(st.integers(1, size))
    apart, within = portions(items, count), nested(items, count)
    assert [one for portion in apart for one in portion] == items
    assert max(map(len, apart)) - min(map(len, apart)) <= 1
    assert within[-1] == items
    assert [len(one) for one in within] == [sum(map(len, apart[: place + 1])) for place in range(count)]


def test_more_portions_than_items_are_an_error() -> None:
    with pytest.raises(ValueError, match="1 to 2 portions"):
        portions([1, 2], 3)


def test_a_trend_tells_what_is_left_and_the_worst_step() -> None:
    trend = Trend((0.8, 0.7, 0.2, 0.4))
    assert (trend.left, trend.worst_step) == pytest.approx((0.5, 0.5))
    assert Trend((0.2, 0.3)).worst_step == 0


def test_a_gain_is_of_the_same_questions() -> None:
    found = gain(Context.NEIGHBOURING, [False, False, True, False], [True, False, True, True])
    assert (found.bare, found.told, found.gained) == (0.25, 0.75, 0.5)
    with pytest.raises(ValueError, match="same questions"):
        gain(Context.RULES, [True], [True, False])


def test_what_gold_gains_too_is_no_memory() -> None:
    rng = np.random.default_rng(0)
    as_gold, bounds = beyond_gold(np.ones(40), np.ones(40), rng)
    woken, sure = beyond_gold(np.ones(40), np.r_[np.ones(10), np.zeros(30)], rng)
    assert (as_gold, bounds.low, bounds.high) == (0, 0, 0)
    assert woken == 0.75
    assert sure.low > 0


@given(DROPS)
def test_depth_is_none_as_full_and_one_as_gold(gold: np.ndarray) -> None:
    holds = bool((gold > 0.05).any())
    assert unlearning_depth(gold, np.zeros(6)) == (0 if holds else None)
    assert unlearning_depth(gold, gold) == (pytest.approx(1) if holds else None)


@given(DROPS, DROPS)
def test_depth_is_the_published_sum_over_layers_that_hold_the_knowledge(
    gold: np.ndarray, model: np.ndarray
) -> None:
    pairs = [(one, other) for one, other in zip(gold, model, strict=True) if one > 0.05]
    found = unlearning_depth(gold, model)
    if not pairs:
        assert found is None
        return
    expected = sum(one * min(max(other / one, 0), 1) for one, other in pairs) / sum(one for one, _ in pairs)
    assert found == pytest.approx(expected)
    assert 0 <= expected <= 1 + 1e-12
