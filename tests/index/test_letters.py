"""Stored letters are found in every alphabet that is only shifted, both ways, and never as they are."""

import codecs
from pathlib import Path

import pytest

from index.letter_rows import Row
from index.letters import LONGEST, LetterTable
from index.letters_build import LetterBuilder
from index.shelf import folder_shelf
from index.units import units

KEY = bytes(range(32))
NAME = "Alden Crane"
PASSAGE = "he kept nine hives behind the old customs house where nobody ever came"


@pytest.fixture(scope="module")
def builder() -> LetterBuilder:
    builder = LetterBuilder(KEY)
    builder.phrase(7, tuple(unit.text for unit in units(NAME)))
    builder.phrase(8, tuple(unit.text for unit in units("Жщф цъщ")))
    builder.passage(3, [unit.text for unit in units(PASSAGE)], 8)
    return builder


@pytest.fixture(scope="module")
def table(builder: LetterBuilder) -> LetterTable:
    return builder.build()


def spelled(table: LetterTable, text: str) -> set[tuple[int, bool, bool]]:
    tail, found = "", set()
    for unit in units(text):
        step = table.step(f"{tail} {unit.text}".lstrip())
        tail = step.tail
        found |= {(one.row.owner, one.row.passage, one.known) for one in step.spelled if not one.plain}
    return found


def shifted(text: str, by: int) -> str:
    return "".join(chr((ord(c) - 97 + by) % 26 + 97) if "a" <= c <= "z" else c for c in text.lower())


def mirrored(text: str) -> str:
    return "".join(chr(219 - ord(c)) if "a" <= c <= "z" else c for c in text.lower())


@pytest.mark.parametrize(
    "text",
    [
        NAME[::-1],
        codecs.encode(NAME, "rot13"),
        codecs.encode(NAME[::-1], "rot13"),
        mirrored(NAME),
        mirrored(NAME[::-1]),
        "AldenCrane",
        "A l d e n C r a n e",
        "Al-den Cr/ane",
        "x Aldencrane x",
    ],
)
def test_a_name_is_spelled_in_every_dress(table: LetterTable, text: str) -> None:
    assert spelled(table, text) == {(7, False, True)}


@pytest.mark.parametrize("by", [shift for shift in range(1, 26) if shift != 13])
def test_a_shift_that_nobody_uses_is_known_as_one(table: LetterTable, by: int) -> None:
    assert spelled(table, shifted(NAME, by)) == {(7, False, False)}


@pytest.mark.parametrize(
    "text", [NAME, "ALDEN crane", "the Aldencranes", "Alden Cranf", "Al Crane den", PASSAGE]
)
def test_what_stands_there_as_it_is_or_otherwise_is_left_to_others(table: LetterTable, text: str) -> None:
    assert spelled(table, text) == set()


@pytest.mark.parametrize(
    "text", [PASSAGE[::-1], codecs.encode(PASSAGE, "rot13"), PASSAGE.replace(" ", ""), " ".join(PASSAGE)]
)
def test_a_passage_is_spelled_by_a_stretch_of_it(table: LetterTable, text: str) -> None:
    assert (3, True, True) in spelled(table, text)


def test_letters_of_other_alphabets_are_never_shifted(table: LetterTable) -> None:
    assert spelled(table, "ж щ ф ц ъ щ")
    assert spelled(table, "щъц фщж")


def test_it_is_stored_and_read_by_the_key_alone(builder: LetterBuilder, tmp_path: Path) -> None:
    with folder_shelf(tmp_path) as shelf:
        builder.lay(shelf)
    assert spelled(LetterTable.load(tmp_path, KEY), NAME[::-1]) == {(7, False, True)}
    assert spelled(LetterTable.load(tmp_path, bytes(32)), NAME[::-1]) == set()


def test_a_row_comes_out_as_it_went_in() -> None:
    row = Row(2**32 - 1, True, True, 2**16 - 1, 2**64 - 1, 26, LONGEST)
    assert Row.unpacked(*row.packed()) == row


def test_of_a_text_only_the_end_that_may_go_on_is_kept(table: LetterTable) -> None:
    step = table.step("alden")
    assert (step.tail, step.words, step.held) == ("alden", 1, 1)
    assert table.step(f"{step.tail} of".lstrip()) == table.step("of")
