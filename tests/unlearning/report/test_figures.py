"""Figures are judged by gold beside gold or by a holdout: full is outside of all bands, gold of none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unlearning.report.findings import measured, some
from unlearning.metrics.null_band import Band
from unlearning.report.bands import as_gold, as_holdout, by_chance
from unlearning.report.figure import Basis, Figure, Group
from unlearning.report.making import report_of
from unlearning.report.models import Models

COUNT = 200
FULL = np.ones(COUNT, dtype=bool)


def gold(seed: int) -> object:
    return measured(some(COUNT, 0.04, seed), back=some(COUNT, 0.06, seed + 20), seed=seed)


def figures(models: Models) -> dict[tuple[Group, str], Figure]:
    return {(one.group, one.name): one for one in report_of(models, "m", "npo").figures}


def judged(models: Models) -> dict[tuple[Group, str], bool]:
    return {name: one.within for name, one in figures(models).items() if one.within is not None}


@pytest.mark.parametrize("golds", [0, 2])
def test_the_full_model_is_outside_of_every_band_but_that_of_utility(golds: int) -> None:
    full = measured(FULL, seed=9)
    found = judged(Models(full, full, *(gold(seed) for seed in range(1, golds + 1))))  # type: ignore[arg-type]
    utility = found.pop((Group.UTILITY, "answers known"))
    assert utility
    assert len(found) >= 8 - (golds == 0)
    assert not any(found.values()), found


@pytest.mark.parametrize("golds", [0, 2])
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_another_gold_is_within_every_band(golds: int, seed: int) -> None:
    models = Models(measured(FULL), gold(seed), *(gold(one) for one in range(1, golds + 1)))  # type: ignore[arg-type]
    found = judged(models)
    assert found
    assert all(found.values()), found


def test_with_one_gold_alone_figures_are_told_and_not_judged() -> None:
    models = Models(measured(FULL), measured(FULL), gold(1))  # type: ignore[arg-type]
    found = figures(models)
    assert set(judged(models)) == {(Group.UTILITY, "answers known")}
    assert found[Group.MEMORY, "answers known"].gold == pytest.approx(0.04, abs=0.03)


def test_a_model_that_lost_what_it_should_know_is_outside_of_its_budget() -> None:
    found = judged(Models(measured(FULL), measured(~FULL, retain=0.8)))
    assert not found[Group.UTILITY, "answers known"]
    assert found[Group.MEMORY, "answers known"]


def test_forget_quality_is_told_beside_that_of_a_second_gold() -> None:
    models = Models(measured(FULL), measured(FULL), gold(1), gold(2))  # type: ignore[arg-type]
    found = figures(models)[Group.MEMBERSHIP, "forget quality (p; of gold: the second's)"]
    assert found.before < 1e-9
    assert found.gold is not None
    assert found.gold > 0.01
    assert found.within is None


def test_a_band_is_judged_by_what_is_after() -> None:
    one = Figure(Group.MEMORY, "x", 0.9, 0.1, None, Band(0.0, 0.2), Basis.HOLDOUT)
    assert one.within
    assert Figure(Group.MEMORY, "x", 0.9, 0.1).within is None


@settings(max_examples=10)
@given(st.floats(0, 1), st.floats(0, 1), st.integers(5, 60))
def test_bands_lie_about_what_they_come_from_and_are_no_line(one: float, other: float, count: int) -> None:
    first, second = (some(count, share, 1).astype(float) for share in (one, other))
    for band in (as_gold(first, second, np.random.default_rng(0)), as_holdout(first, count)):
        assert band.holds(float(first.mean()))
        assert band.high - band.low >= 1 / count - 1e-12


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3])
def test_items_like_those_of_the_holdout_lie_within_its_band_as_often_as_it_says(share: float) -> None:
    rng = np.random.default_rng(2)
    held = [
        as_holdout((rng.random(150) < share).astype(float), 80).holds(float((rng.random(80) < share).mean()))
        for _ in range(200)
    ]
    assert np.mean(held) >= 0.97


def test_guesses_by_chance_lie_within_the_band_as_often_as_it_says() -> None:
    rng, band = np.random.default_rng(1), by_chance(40, 60)
    ranks = [rng.permutation(100)[:40] for _ in range(200)]
    aucs = [(each.sum() - 40 * 39 / 2) / (40 * 60) for each in ranks]
    assert 0.97 <= np.mean([band.holds(one) for one in aucs]) < 1
