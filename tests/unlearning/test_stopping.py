"""A run ends when its schedule says so, and remembers what it saw."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from transformers import TrainerControl, TrainerState

import unlearning.stopping
from unlearning.recipe import StopPart
from unlearning.schedules.schedule import Outcome
from unlearning.schedules.until_residual import UntilResidual
from unlearning.stopping import Before, Recall, Watch, Watched, looks_of, spread_out

WATCHED = Watched(["forget"], ["retain"], ["holdout"])  # type: ignore[list-item]  # what is looked at is read nowhere


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """How well each group is recalled, which a test may change."""
    shares = {"forget": 1.0, "retain": 1.0, "holdout": 0.1, "whole": 0.0, "kept": 1.0}

    def look_up(model: Any, rows: Sequence[str]) -> Recall:
        whole = {"forget": shares["whole"], "retain": shares["kept"], "holdout": 0.0}
        return Recall(shares[rows[0]], whole[rows[0]])

    monkeypatch.setattr(unlearning.stopping, "recall", look_up)
    return shares


def watch(steps: int = 100, most_s: float | None = None, now: Sequence[float] = (0.0,)) -> Watch:
    before = Before.of(None, WATCHED, StopPart(margin=0.02))
    clock = iter([*now, *[now[-1]] * 1000])
    schedule = UntilResidual(steps, 0.05, 0.5)
    return Watch(WATCHED, before, schedule, 5, lambda *_: None, most_s, lambda: next(clock))


def step(one: Watch, state: TrainerState, number: int) -> TrainerControl:
    state.global_step, state.max_steps = number, 100
    return one.on_step_end(None, state, TrainerControl(), model=SimpleNamespace())


def test_it_ends_where_the_floor_is_reached_and_the_rest_is_kept(known: dict[str, float]) -> None:
    one, state = watch(), TrainerState()
    known["forget"] = 0.13
    assert not step(one, state, 5).should_training_stop
    known["forget"] = 0.12
    control = step(one, state, 10)
    assert control.should_training_stop
    assert control.should_save
    assert [look.outcome for look in looks_of(state)] == [Outcome.GOING_ON, Outcome.REACHED]


def test_what_was_lost_keeps_it_going_and_too_much_ends_it(known: dict[str, float]) -> None:
    one, state = watch(), TrainerState()
    known.update(forget=0.0, retain=0.9)
    assert not step(one, state, 5).should_training_stop
    known["retain"] = 0.4
    assert step(one, state, 10).should_training_stop
    assert looks_of(state)[-1].outcome is Outcome.TOO_DEAR


def test_whole_texts_that_are_left_keep_it_going(known: dict[str, float]) -> None:
    """All answers have most words in common, so that shares alone tell little."""
    one, state = watch(), TrainerState()
    known.update(forget=0.05, whole=0.03)
    assert not step(one, state, 5).should_training_stop
    known["whole"] = 0.02
    assert step(one, state, 10).should_training_stop


def test_whole_answers_that_were_lost_keep_it_going_and_never_end_it(known: dict[str, float]) -> None:
    """One wrong word in ten is an answer that is wrong."""
    one, state = watch(), TrainerState()
    known.update(forget=0.0, retain=0.99, kept=0.2)
    assert not step(one, state, 5).should_training_stop
    known["kept"] = 0.96
    assert step(one, state, 10).should_training_stop
    assert looks_of(state)[-1].outcome is Outcome.REACHED


def test_it_looks_every_few_steps_alone(known: dict[str, float]) -> None:
    one, state = watch(), TrainerState()
    for number in range(1, 12):
        step(one, state, number)
    assert [look.step for look in looks_of(state)] == [5, 10]


def test_time_ends_it_also_between_two_looks(known: dict[str, float]) -> None:
    one, state = watch(most_s=60.0, now=(0.0, 61.0)), TrainerState()
    one.on_train_begin(None, state, TrainerControl())
    assert step(one, state, 3).should_training_stop
    assert looks_of(state)[-1].outcome is Outcome.OUT_OF_STEPS


def test_time_of_earlier_starts_counts(known: dict[str, float]) -> None:
    state = TrainerState()
    first = watch(now=(0.0, 50.0))
    first.on_train_begin(None, state, TrainerControl())
    step(first, state, 5)
    second = watch(most_s=60.0, now=(1000.0, 1011.0))
    second.on_train_begin(None, state, TrainerControl())
    assert step(second, state, 6).should_training_stop


def test_texts_are_looked_at_evenly() -> None:
    assert list(spread_out(range(10), 4)) == [0, 2, 5, 7]
    assert list(spread_out(range(3), 4)) == [0, 1, 2]
