"""Of an allowed entry a word of the prompt may be said again, and no other is freed with it."""

import numpy as np
import pytest

from index.units import LONGEST
from steering.edit import Edit
from steering.form import form_of
from steering.supplied import Supplied

PIECES = [
    "",
    " Raven",
    "sund",
    " raven",
    "RAVEN",
    " Rave",
    "s",
    ".",
    " the",
    " 19",
    "20",
    "51",
    "'s",
    " by the",
    "é",
]
FORMS = [form_of(piece) for piece in PIECES]
EVERY = np.arange(1, len(PIECES), dtype=np.int32)
EDIT = Edit(EVERY, EVERY, -np.ones(len(EVERY), np.float32))


def supplied(*pieces: str) -> Supplied:
    found = Supplied(FORMS)
    found.push([PIECES.index(piece) for piece in pieces], prompt=True)
    return found


def spared(found: Supplied) -> set[str]:
    left = found.without(EDIT)
    assert left.banned.tolist() == left.shifted.tolist()
    assert len(left.by) == len(left.shifted)
    return set(PIECES[1:]) - {PIECES[number] for number in left.shifted.tolist()}


def test_a_word_is_spared_however_it_is_written_and_cut_and_so_is_what_says_none() -> None:
    assert spared(supplied(" Raven", ".")) == {" Raven", " raven", "RAVEN", " Rave", "."}


def test_a_longer_word_is_not_freed_by_its_beginning() -> None:
    found = supplied(" Raven", ".")
    found.push([PIECES.index(" Raven")], prompt=False)
    assert "sund" not in spared(found)


def test_what_goes_on_is_judged_with_what_it_goes_on_with() -> None:
    found = supplied(" Raven", "sund", ".")
    found.push([PIECES.index(" Raven")], prompt=False)
    assert "sund" in spared(found)
    found.push([PIECES.index("sund")], prompt=False)
    assert "sund" not in spared(found)


def test_a_number_is_spared_only_as_far_as_it_is_the_one_that_was_said() -> None:
    found = supplied(" 19", "20", ".")
    assert " 19" in spared(found)
    found.push([PIECES.index(" 19")], prompt=False)
    assert {"20", "51"} & spared(found) == {"20"}


def test_of_a_token_of_several_words_all_must_have_been_said() -> None:
    assert " by the" not in spared(supplied(" the", "."))
    assert " by the" in spared(supplied(" by the", "."))


def test_an_answer_supplies_nothing() -> None:
    found = supplied(" the", ".")
    found.push([PIECES.index(" Raven"), PIECES.index(".")], prompt=False)
    assert " Raven" not in spared(found)


def test_a_copy_goes_on_by_itself() -> None:
    found = supplied(" Raven", "sund", ".")
    copied = found.copy()
    copied.push([PIECES.index(" Raven")], prompt=False)
    assert ("sund" in spared(copied), "sund" in spared(found)) == (True, False)


@pytest.mark.parametrize("number", [-1, len(PIECES), 0])
def test_a_token_that_nobody_knows_says_nothing(number: int) -> None:
    found = Supplied(FORMS)
    found.push([number], prompt=True)
    assert " the" not in spared(found)


def test_a_word_without_end_takes_no_more_memory_than_any_other() -> None:
    found = Supplied(FORMS)
    found.push([PIECES.index("s")] * (4 * LONGEST), prompt=True)
    assert len(found.words) <= LONGEST
