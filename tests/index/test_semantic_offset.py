"""However many entries come later, innocent texts are taken for one of them at the rate that was asked."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.calibration import Calibration, Negatives, calibrate
from index.semantic_offset import LATER, Counted, Reach, split, together
from index.similarity import Line

RATE = 0.01


def scores(chance: np.random.Generator, texts: int, entries: int) -> NDArray[np.float64]:
    """Of each text to each entry, all apart from each other: then rates add up most."""
    return chance.beta(6, 20, (texts, entries))


def full(drawn: NDArray[np.float64], rate: float = RATE) -> Calibration:
    return calibrate([Negatives("retain", drawn.max(axis=1).tolist(), 1)], rate)


def reach(drawn: NDArray[np.float64], rate: float = RATE) -> Reach:
    calibration = calibrate([Negatives("retain", drawn.tolist(), 1)], rate)
    return Reach(0.0, tuple(Counted.of(one, rate) for one in calibration.strata), ())


def alarms(earlier: int, later: int, *, is_split: bool) -> float:
    """The rate at which new innocent texts count, on average over draws of the negatives."""
    chance, found = np.random.default_rng(3), []
    for _ in range(30):
        drawn = scores(chance, 999, earlier + later)
        calibration = full(drawn[:, :earlier])
        parts = earlier + later if is_split else 1
        offsets = [reach(own).lowered(calibration.threshold, 1.0 / parts) for own in drawn.T[earlier:]]
        before = together(calibration, earlier / (earlier + later)) if is_split else 0.0
        new = scores(chance, 4000, earlier + later) - [*[before] * earlier, *offsets]
        found.append(float((new.max(axis=1) >= calibration.threshold).mean()))
    return float(np.mean(found))


@pytest.mark.parametrize(("earlier", "later"), [(1, 1), (2, 20), (20, 5)])
def test_the_rate_keeps_however_many_entries_come_later(earlier: int, later: int) -> None:
    assert alarms(earlier, later, is_split=True) <= 1.2 * RATE


def test_without_the_split_each_later_entry_would_add_its_own_rate() -> None:
    assert alarms(2, 20, is_split=False) > 4 * RATE


def test_an_entry_that_nothing_comes_near_is_not_lowered() -> None:
    chance = np.random.default_rng(5)
    calibration = full(scores(chance, 999, 200))
    assert reach(scores(chance, 999, 1)[:, 0] - 0.2).lowered(calibration.threshold, 1 / 201) == 0.0


def test_its_own_strangers_are_held_to_the_whole_rate() -> None:
    own = Reach(0.0, (), (Line(0.5, 0.1),))
    assert own.lowered(0.4, 0.01) == pytest.approx(0.1)


def test_what_generic_texts_take_is_the_least() -> None:
    assert Reach(0.3, (), (Line(0.1, 0.0),)).lowered(0.4, 1.0) == 0.3


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=300), st.integers(0, 50), st.floats(0.001, 0.5))
def test_no_line_lies_over_the_threshold(found: list[float], earlier: int, rate: float) -> None:
    """So a lone text counts from the threshold in force, whatever came later."""
    calibration = calibrate([Negatives("retain", found, 1)], rate)
    later = [Reach(0.1, (Counted(Line(0.7, 0.2), carries=True),), (Line(0.9, 0.0),))] * 3
    said = split(calibration, later, earlier)
    assert said.threshold == calibration.threshold
    assert max(line.threshold for line in said.lines) <= said.threshold
    assert said.strata[-1].kind == LATER
    assert [one.kind for one in said.strata[:-1]] == [one.kind for one in calibration.strata]


def test_a_promise_that_negatives_cannot_carry_is_not_made_for_more_entries() -> None:
    few, many = full(scores(np.random.default_rng(1), 49, 1)), full(scores(np.random.default_rng(1), 999, 1))
    later = [reach(np.zeros(10))] * 4
    assert split(few, later, 1).promised == pytest.approx(5 / 50)
    assert split(many, later, 1).promised == RATE


def test_a_kind_too_small_for_the_rate_counts_by_its_largest_score() -> None:
    found = reach(np.array([0.1, 0.2, 0.6]))
    assert found.lowered(0.5, 0.5) == found.lowered(0.5, 0.001) == pytest.approx(0.1)


def test_pieces_of_a_long_prompt_share_the_part_of_the_rate_that_entries_were_given() -> None:
    """So far under the threshold nothing is lowered: what is left is the line at the part itself."""
    calibration = full(scores(np.random.default_rng(1), 999, 1))
    (kind,) = calibration.strata
    low = Line(calibration.threshold - 0.5, 0.02)
    said = split(calibration, [Reach(0.0, (Counted(low, carries=True),), ())] * 3, earlier=1)
    assert said.strata[-1].threshold == pytest.approx(low.at(1 / 4))
    near = Line(kind.threshold - 0.5, kind.rise)
    far = replace(calibration, threshold=kind.threshold + 1.0)
    moved = split(far, [Reach(0.0, (Counted(near, carries=True),), ())] * 3, earlier=1)
    assert moved.strata[0].threshold == pytest.approx(Line(kind.threshold, kind.rise).at(1 / 4))


def test_nothing_later_changes_nothing() -> None:
    calibration = full(scores(np.random.default_rng(1), 99, 3))
    assert split(calibration, [], 3) == calibration
    assert together(calibration, 1.0) == 0.0
