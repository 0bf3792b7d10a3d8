"""What learnt is measured as one that knows, what did not as one that doesn't, and both stay as they are."""

from typing import Any

import numpy as np
import pytest
import torch

from tests.unlearning.metrics.tiny import llama, row
from unlearning.encoding import Encoded
from unlearning.metrics.in_context import Context
from unlearning.metrics.relearning_run import Lessons, taught_again
from unlearning.report.asked import Asked, Effort
from unlearning.report.item import Outcome
from unlearning.report.lessons import relearned
from unlearning.report.making import report_of
from unlearning.report.measured import Measured
from unlearning.report.measuring import measure
from unlearning.report.models import Models


def named(name: str, other: Encoded) -> Encoded:
    return Encoded(name, other.ids, other.targets, other.telling)


def after(context: tuple[int, ...], other: Encoded) -> Encoded:
    before = (False,) * len(context)
    return Encoded(other.id, (*context, *other.ids), (*before, *other.targets), (*before, *other.telling))


FORGET = [
    named(f"entry-{place // 2}#{place % 2}", row("f" * (place + 1), 3, 4, (1, 2))) for place in range(8)
]
RETAIN = [row("r" * (place + 1), 3, 3) for place in range(4)]
HOLDOUT = [row("h" * (place + 1), 4, 4, (0, 1, 2)) for place in range(8)]
WRONG = [[row("w" * (place + 1), 3, 4), row("v" * (place + 1), 3, 5)] for place in range(8)]
ASKED = Asked(FORGET, RETAIN, HOLDOUT, (), WRONG, {Context.UNRELATED: [after((7,), one) for one in FORGET]})
EFFORT = Effort(bits=(8,), lessons=Lessons(steps=6, rate=0.01, every=3), folds=2)


@pytest.fixture(scope="module")
def full() -> Any:
    lessons = Lessons(steps=80, rate=0.01, every=80)
    return taught_again(llama(), [*FORGET, *RETAIN], lessons, lambda _, model: model)[-1]


@pytest.fixture(scope="module")
def learnt(full: Any) -> Measured:
    return measure(full, ASKED, EFFORT)


@pytest.fixture(scope="module")
def stranger() -> Measured:
    return measure(llama(1), ASKED, EFFORT)


def test_all_that_was_learnt_is_known_in_every_way_and_the_holdout_is_not(learnt: Measured) -> None:
    assert learnt.ids == tuple(one.id for one in FORGET)
    assert learnt.forget.keys.all()
    assert learnt.retain.keys.all()
    assert learnt.bits[8].all()
    assert not learnt.holdout.keys.any()
    assert learnt.forget.likely.min() > 0.5 > learnt.holdout.likely.max()
    assert learnt.guesses is not None
    assert learnt.guesses.forget.max() < learnt.guesses.unseen.min()


def test_a_model_that_learnt_nothing_knows_nothing_in_any_way(stranger: Measured) -> None:
    ways = [stranger.forget.keys, stranger.bits[8], *stranger.contexts.values()]
    assert sum(int(each.sum()) for each in ways) == 0
    assert stranger.relearned is not None
    assert stranger.relearned.curve.points[0].held_out == 0


def test_right_answers_are_likelier_than_wrong_ones_where_they_were_learnt(
    learnt: Measured, stranger: Measured
) -> None:
    assert learnt.ratios is not None
    assert stranger.ratios is not None
    assert learnt.ratios.max() < -1
    assert np.abs(stranger.ratios).mean() < np.abs(learnt.ratios).mean()


def test_the_model_is_left_as_it_was(full: Any) -> None:
    before = {name: weights.clone() for name, weights in full.state_dict().items()}
    measure(full, ASKED, EFFORT)
    assert all(torch.equal(before[name], weights) for name, weights in full.state_dict().items())


def test_nothing_is_asked_after_lessons_about_what_the_lessons_taught(full: Any) -> None:
    """A stranger is taught what it then knows; only what it was not taught counts as back."""
    found = relearned(llama(1), ASKED, Lessons(steps=30, rate=0.02, every=30), folds=2)
    assert found is not None
    assert found.curve.points[-1].taught == 1
    assert found.back.sum() <= 2


def test_items_of_one_entry_are_taught_together(monkeypatch: pytest.MonkeyPatch) -> None:
    taught: list[set[str]] = []

    def note(model: Any, rows: list[Encoded], lessons: Lessons, ask: Any) -> list[Any]:
        taught.append({one.id for one in rows})
        return [ask(0, model), ask(1, model)]

    monkeypatch.setattr("unlearning.report.lessons.taught_again", note)
    relearned(llama(), ASKED, Lessons(steps=1, rate=0.0), folds=2)
    assert len(taught) == 2
    assert taught[0] | taught[1] == {one.id for one in FORGET}
    assert {name.split("#")[0] for name in taught[0]} & {name.split("#")[0] for name in taught[1]} == set()


def test_a_model_without_a_holdout_is_measured_and_not_judged() -> None:
    bare = measure(llama(1), Asked(FORGET, [], []), EFFORT)
    report = report_of(Models(bare, bare), "m", "npo")
    assert [item.outcome for item in report.items] == [Outcome.UNKNOWN] * 8
    assert report.figures
    assert {one.within for one in report.figures} == {None}


def test_one_item_alone_is_measured_without_lessons() -> None:
    assert measure(llama(1), Asked(FORGET[:1], RETAIN, HOLDOUT), EFFORT).relearned is None


@pytest.mark.parametrize("broken", [{"forget": []}, {"wrong": WRONG[:2]}])
def test_rows_that_do_not_belong_together_are_an_error(broken: dict[str, Any]) -> None:
    parts: dict[str, Any] = {"forget": FORGET, "retain": RETAIN, "holdout": HOLDOUT} | broken
    with pytest.raises(ValueError, match="expected"):
        Asked(**parts)
