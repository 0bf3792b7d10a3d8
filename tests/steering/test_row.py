"""A row knows what may not follow, and says so for good once it does not."""

import logging
from collections.abc import Sequence

import numpy as np
import pytest

from steering.divergence.guard import LEAST
from steering.edit import Edit
from steering.form import form_of
from steering.row import Odds, Row
from tests.steering.fakes import FORBIDDEN, SequenceMatcher


class Lowering:
    """Lowers token 9 for whoever is in sight."""

    def edit(self, context_tokens: Sequence[int], active: frozenset[int]) -> Edit:
        return Edit(np.empty(0, np.int32), np.array([9], np.int32), np.array([-4.0], np.float32))


def odds(strength: float = 1.0, *allowed: int) -> Odds:
    forms = [form_of(f" {letter}") for letter in "abcdefghij"]
    return Odds(Lowering(), [b"word "] * 10, forms, strength, frozenset(allowed))


def in_sight(*entries: int) -> SequenceMatcher:
    matcher = SequenceMatcher()
    matcher.in_sight = frozenset(entries)
    return matcher


def edited(row: Row) -> Edit:
    edit = row.edit()
    assert edit is not None
    return edit


def test_what_stands_in_the_prompt_and_the_answer_is_one_sequence() -> None:
    row = Row(SequenceMatcher())
    row.push([4, 5], prompt=True)
    row.push([6])
    assert edited(row).banned.tolist() == [7]


def test_an_edit_is_made_once_for_the_same_tokens() -> None:
    row = Row(SequenceMatcher())
    row.push([5, 6])
    first = row.edit()
    assert row.edit() is first
    row.push([3])
    assert row.edit() is not first


def test_a_copy_goes_its_own_way() -> None:
    row = Row(SequenceMatcher())
    row.push([5])
    drafted = row.copy()
    drafted.push([6])
    assert edited(drafted).banned.tolist() == [FORBIDDEN[-1]]
    assert not edited(row).acts


def test_a_failure_is_for_good_and_shows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    row = Row(SequenceMatcher())
    with caplog.at_level(logging.ERROR):
        row.push([99])
        row.push([1])
    assert row.edit() is None
    assert row.copy().edit() is None
    assert "ValueError in fakes.py:" in caplog.text
    assert "secret" not in caplog.text


def test_odds_are_changed_only_for_who_is_in_sight_and_by_the_strength() -> None:
    unseen, seen = Row(in_sight(), odds()), Row(in_sight(3), odds(0.5))
    for row in (unseen, seen):
        row.push([1])
    half = edited(seen)
    assert not edited(unseen).acts
    assert (half.shifted.tolist(), half.by.tolist()) == ([9], [-2.0])


def test_what_the_prompt_says_is_lowered_for_nobody_of_whom_it_may_be_repeated() -> None:
    """Token 9 is what the divergence lowers."""
    allowed, another = Row(in_sight(3), odds(1.0, 3)), Row(in_sight(3, 4), odds(1.0, 3))
    for row in (allowed, another):
        row.push([1, 9], prompt=True)
    assert not edited(allowed).acts
    assert not edited(allowed.copy()).acts
    assert edited(another).shifted.tolist() == [9]


def test_what_the_prompt_does_not_say_is_lowered_though_it_may_be_repeated() -> None:
    row = Row(in_sight(3), odds(1.0, 3))
    row.push([1], prompt=True)
    row.push([9])
    assert edited(row).shifted.tolist() == [9]


def test_without_strength_only_bans_are_left() -> None:
    row = Row(in_sight(3), odds(0.0))
    row.push([5, 6])
    edit = edited(row)
    assert (edit.banned.tolist(), edit.shifted.tolist()) == ([7], [])


def test_odds_give_way_a_little_to_an_answer_that_repeats_itself() -> None:
    row = Row(in_sight(3), odds())
    row.push([1] * 100, prompt=True)
    assert edited(row).by.tolist() == [-4.0]
    row.push([1] * 100)
    assert edited(row).by.tolist() == pytest.approx([-4.0 * LEAST])
    assert edited(row.copy()).by.tolist() == edited(row).by.tolist()
