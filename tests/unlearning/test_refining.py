"""Texts rest while their answers are far, and a run that goes on goes on with the same ones."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import TrainerControl, TrainerState

from index.encoder import Rows as Vectors
from unlearning.dataset import read_dataset
from unlearning.encoding import Coder
from unlearning.loading import load
from unlearning.losses.read import Part
from unlearning.plan import make_plan
from unlearning.recipe import Recipe, RefinePart
from unlearning.refining import Refining, similar_by
from unlearning.rows import Rows, Texts, Told
from unlearning.run import unlearn
from unlearning.schedules.schedule import Outcome


class Letters:
    """Two texts are as near as their letters."""

    name = fingerprint = "letters"
    dimension = 26

    def encode(self, texts: Sequence[str]) -> Vectors:
        letters = [chr(97 + place) for place in range(26)]
        return np.array([[text.lower().count(letter) for letter in letters] for text in texts], np.float32)


class Unlike(Letters):
    """No text is near any other, however often it comes."""

    def __init__(self) -> None:
        self._calls = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self._calls += 1
        return np.repeat(np.eye(2, dtype=np.float32)[[self._calls % 2]], len(texts), axis=0)


@pytest.fixture
def started(folder: Path, make_recipe: Callable[..., Recipe]) -> tuple[Any, Coder, Rows]:
    recipe = make_recipe(method="ga")
    loaded = load(recipe, folder / "full", needs_frozen=False)
    coder = Coder(loaded.tokenizer, recipe.data.longest)
    samples = read_dataset(recipe.data, folder).forget
    return loaded.model, coder, Rows(Texts(tuple(map(Told, coder.encode_all(samples)))), 0, 1000)


def refining(rows: Rows, coder: Coder, similar: Callable[..., Sequence[float]], **part: Any) -> Refining:
    return Refining(rows, coder, RefinePart(**part), similar, batch=4)


def test_what_the_model_still_says_is_near_and_what_it_never_said_is_far(
    started: tuple[Any, Coder, Rows],
) -> None:
    model, coder, rows = started
    alike = similar_by(Letters())

    assert refining(rows, coder, alike).active(model) == list(range(len(rows.forgotten)))
    for weights in model.parameters():
        weights.data.zero_()
    assert refining(rows, coder, alike).active(model) == []


def test_either_meaning_or_words_are_enough_to_rest(started: tuple[Any, Coder, Rows]) -> None:
    model, coder, rows = started
    every = list(range(len(rows.forgotten)))

    def near_but_the_first(said: Sequence[str], wanted: Sequence[str]) -> list[float]:
        return [0.1, *(0.9 for _ in said[1:])]

    assert refining(rows, coder, near_but_the_first).active(model) == every[1:]
    for weights in model.parameters():
        weights.data.zero_()
    assert refining(rows, coder, near_but_the_first, similarity=0.0).active(model) == []


def test_the_step_after_next_is_the_first_without_what_rests(started: tuple[Any, Coder, Rows]) -> None:
    """The loader reads ahead: what it has read must not depend on when it did."""
    model, coder, rows = started
    before = [rows[place][Part.FORGET].row.id for place in range(12)]
    state, control = TrainerState(global_step=2), TrainerControl()
    watch = refining(rows, coder, lambda said, wanted: [0.9, *(0.0 for _ in said[1:])], every=2)
    watch.on_step_end(None, state, control, model=model)
    first = rows.forgotten[0].row.id

    assert [rows[place][Part.FORGET].row.id for place in range(12)] == before
    assert {rows[place][Part.FORGET].row.id for place in range(12, 40)} == {first}
    assert not control.should_training_stop


def test_a_run_that_goes_on_goes_on_with_the_same_texts(started: tuple[Any, Coder, Rows]) -> None:
    model, coder, rows = started
    state = TrainerState(global_step=2)
    watch = refining(rows, coder, lambda said, wanted: [0.9, 0.9, *(0.0 for _ in said[2:])], every=2)
    watch.on_step_end(None, state, TrainerControl(), model=model)
    again = Rows(Texts(tuple(rows.forgotten)), 0, 1000)
    refining(again, coder, similar_by(Letters())).on_train_begin(None, state, TrainerControl())

    assert [again[place] for place in range(40)] == [rows[place] for place in range(40)]


def test_a_run_ends_when_all_rest(folder: Path, make_recipe: Callable[..., Recipe]) -> None:
    recipe = make_recipe(method="ga", rate=1e-9, refine={"every": 3})
    loaded = load(recipe, folder / "full", needs_frozen=False)
    found = read_dataset(recipe.data, folder)
    ended = unlearn(recipe, make_plan(recipe), loaded, found, folder / "out", Unlike(), lambda *_: None)

    assert [(look.step, look.outcome) for look in ended.looks] == [(3, Outcome.ALL_REST)]
