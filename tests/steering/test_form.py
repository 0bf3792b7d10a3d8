"""What pieces of a text say one after another is what the text says, wherever it is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.units import units
from steering.form import SILENT, Form, Lead, Tail, form_of

# Letters, digits, marks, apostrophes, scripts without spaces, look-alikes and what cannot be seen.
SIGNS = "aBé0'’ .-\n中の\u200bｘß\u0301ﬁПa"


def put_together(forms: list[Form]) -> list[str]:
    """The units of a text whose pieces have these forms: the rule of the file, written out."""
    found: list[str] = []
    opened, behind = "", False
    for form in forms:
        joins = form.lead is Lead.GOES_ON or (form.lead is Lead.APOSTROPHE and opened and not behind)
        if form.lead is Lead.APOSTROPHE and joins and not form.units:
            behind = True
            continue
        if not joins:
            found, opened, behind = [*found, opened], "", False
        for place, unit in enumerate(form.units):
            found += [opened] if place else []
            opened = opened + unit if place == 0 else unit
        if form.units:
            behind = form.tail is Tail.APOSTROPHE
            if form.tail is Tail.CLOSED:
                found, opened = [*found, opened], ""
    return [unit for unit in [*found, opened] if unit]


@given(st.lists(st.text(SIGNS, max_size=6), max_size=8))
def test_forms_of_pieces_make_the_units_of_the_text(pieces: list[str]) -> None:
    expected = [unit.text for unit in units("".join(pieces))]
    assert put_together([form_of(piece) for piece in pieces]) == expected


@pytest.mark.parametrize("text", ["", "\u200b", "\u0301", "\ufeff"])
def test_what_cannot_be_seen_says_nothing(text: str) -> None:
    assert form_of(text) == SILENT
    assert form_of(text).says_nothing


@pytest.mark.parametrize(
    ("text", "capitals"),
    [(" Paris", (True,)), ("paris", (False,)), (" 3D", (True,)), ("12", (None,)), ("3d Ж", (False, True))],
)
def test_it_is_known_which_units_are_capitalised(text: str, capitals: tuple[bool | None, ...]) -> None:
    assert form_of(text).capitals == capitals


def test_a_unit_of_the_greatest_length_is_closed() -> None:
    assert form_of("x" * 64).tail is Tail.CLOSED
    assert form_of("x" * 63).tail is Tail.OPEN
