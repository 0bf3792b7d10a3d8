"""The edits of a step reach their rows, and what does not fit harms nobody."""

import numpy as np
import torch

from steering.edit import Edit
from steering.step import Step
from tests.steering.fakes import END, RULE

WIDTH = 8


def edit(banned: list[int], shifted: list[int] | None = None) -> Edit:
    ids = np.array(shifted or [], np.int32)
    return Edit(np.array(banned, np.int32), ids, np.full(len(ids), -1.0, np.float32))


def applied(*edits: Edit | None) -> list[list[float]]:
    logits, step = torch.zeros(len(edits), WIDTH), Step(WIDTH)
    for place, each in enumerate(edits):
        step.add(place, each)
    step.apply(logits, RULE)
    found: list[list[float]] = logits.tolist()
    return found


def test_each_row_gets_its_own_edit() -> None:
    first, second, third = applied(edit([3]), Edit.nothing(), edit([], [4]))
    assert first[3] == -float("inf")
    assert second == [0.0] * WIDTH
    assert third[4] < third[5]


def test_a_row_of_which_nothing_is_known_has_its_end_left() -> None:
    (row,) = applied(None)
    assert row == [0.0 if place == END else -float("inf") for place in range(WIDTH)]


def test_ids_beyond_the_row_are_left_out() -> None:
    (row,) = applied(edit([3, WIDTH], [4, WIDTH + 1]))
    assert row[3] == -float("inf")
    assert row[4] < row[5]


def test_an_edit_that_cannot_be_put_in_ends_its_row() -> None:
    torn = Edit(np.array([3], np.int32), np.array([4, 5], np.int32), np.zeros(3, np.float32))
    row, untouched = applied(torn, Edit.nothing())
    assert [place for place, value in enumerate(row) if value > -float("inf")] == [END]
    assert untouched == [0.0] * WIDTH


def test_a_row_is_never_emptied() -> None:
    (row,) = applied(edit(list(range(WIDTH))))
    assert row[END] > -float("inf")


def test_a_plain_edit_that_cannot_be_put_in_ends_its_row_too() -> None:
    logits, step = torch.zeros(1, WIDTH), Step(WIDTH)
    step.add(
        0, Edit(np.array([3], np.int32), np.array([4, 5], np.int32), np.zeros(3, np.float32)), plain=True
    )
    step.apply(logits, RULE)
    assert np.flatnonzero(logits[0].numpy() > -np.inf).tolist() == [END]
