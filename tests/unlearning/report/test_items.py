"""What became of an item: by every way in which it came out, and never more than seen or not seen."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unlearning.report.findings import measured
from unlearning.report.item import Item, Outcome, Way
from unlearning.report.making import report_of
from unlearning.report.models import Models
from unlearning.report.words import tables

NONE = np.zeros(4, dtype=bool)


def one(ways: tuple[Way, ...], *, known: bool = True) -> Item:
    return Item("an-entry#question-3", known, ways, (1.0, 0.0), (0.9, 0.1))


@given(st.sets(st.sampled_from(Way)), st.booleans())
def test_only_what_came_out_in_no_way_need_not_be_guarded(ways: set[Way], known: bool) -> None:
    item = one(tuple(ways), known=known)
    assert item.residual == bool(ways)
    assert (item.outcome is Outcome.SAID) == (Way.ASKED in ways)
    assert (item.outcome is Outcome.SUPPRESSED) == (bool(ways) and Way.ASKED not in ways)


def test_what_was_never_said_is_not_counted_as_forgotten() -> None:
    assert one(()).outcome is Outcome.UNSEEN
    assert one((), known=False).outcome is Outcome.UNKNOWN


def test_an_item_is_of_the_entry_before_its_number_sign() -> None:
    assert one(()).entry == "an-entry"


@pytest.mark.parametrize(
    ("part", "way"), [("back", Way.TAUGHT), ("bits", Way.ROUNDED), ("context", Way.CONTEXT)]
)
def test_an_item_that_comes_back_in_one_way_alone_is_suppressed_and_to_be_guarded(
    part: str, way: Way
) -> None:
    third = np.array([False, False, True, False])
    after = measured(NONE, **{part: third})  # type: ignore[arg-type]
    report = report_of(Models(measured(~NONE), after), "m", "npo")
    assert [item.ways for item in report.items] == [(), (), (way,), ()]
    assert [item.outcome for item in report.items][2] is Outcome.SUPPRESSED
    assert [item.id for item in report.residual] == ["entry-0#question-2"]


def test_an_item_that_is_still_said_is_told_with_every_way() -> None:
    report = report_of(Models(measured(~NONE), measured(~NONE)), "m", "ga")
    assert {item.ways for item in report.items} == {tuple(Way)}
    assert list(report.residual_entries()) == ["entry-0"]


def test_what_is_guessed_is_told_beside_what_came_out() -> None:
    after = measured(NONE)
    assert after.relearned is not None
    known = replace(after.holdout, keys=np.array([True, False, False, False]))
    back = replace(after.relearned, unseen=np.array([False, True, False, False]))
    report = report_of(Models(measured(~NONE), replace(after, holdout=known, relearned=back)), "m", "npo")
    assert report.guessed == 0.5
    assert "50.0% came out" in next(iter(tables(report))).note


def test_models_asked_about_different_items_have_no_report() -> None:
    other = measured(~NONE, ids=["a#1", "a#2", "a#3", "b#1"])
    with pytest.raises(ValueError, match="same items"):
        Models(other, measured(NONE))
