"""The search in bulk leaves out nothing that is spelled, and nearly everything else."""

from pathlib import Path
from random import Random

import pytest

from index.letters import LetterTable
from index.letters_build import LetterBuilder
from index.shelf import folder_shelf
from index.units import units
from tests.index.test_letters import NAME, PASSAGE, mirrored, shifted, spelled

KEY = bytes(range(32))
PIECES = (
    *(NAME.lower(), NAME[::-1].lower(), shifted(NAME, 13), mirrored(NAME), "жщф", "цъщ", "alden", "crane"),
    *(
        "he kept nine hives",
        PASSAGE,
        shifted(PASSAGE, 4),
        "the",
        "é",
        "17",
        "x9",
        "a",
        "ßon",
        "жщф цъщ",
        "øda",
        "stone",
    ),
    *("2nd", "harbour", "1947", "1203", "4711", shifted("2nd harbour", 5), "øda stone"),
)


@pytest.fixture(scope="module")
def builder() -> LetterBuilder:
    builder = LetterBuilder(KEY)
    for owner, phrase in enumerate((NAME, "Жщф цъщ", "øda Stone", "2nd Harbour", "19471203", "4711")):
        builder.phrase(owner, tuple(unit.text for unit in units(phrase)))
    builder.passage(3, [unit.text for unit in units(PASSAGE)], 8)
    return builder


@pytest.fixture(scope="module")
def table(builder: LetterBuilder) -> LetterTable:
    return builder.build()


def may_spell(table: LetterTable, text: str) -> bool:
    said = [unit.text for unit in units(text)]
    return table.search.may_spell(said, "")


def test_whatever_is_spelled_may_be_spelled(table: LetterTable) -> None:
    chance, found = Random(5), 0
    for _ in range(600):
        pieces = chance.choices(PIECES, k=chance.randint(1, 5))
        text = chance.choice((" ", "", "-")).join(pieces)
        cut = " ".join(text[at : at + 3] for at in range(0, len(text), 3))
        for said in (text, cut):
            if spelled(table, said):
                found += 1
                assert may_spell(table, said), said
    assert found > 100


@pytest.mark.parametrize("letters", ["abcdefghijklmnopqrstuvwxyz", "0123456789", "éßжщфцъø", "abcé019жdef"])
def test_what_spells_nothing_is_left_out(table: LetterTable, letters: str) -> None:
    chance = Random(6)
    texts = (
        " ".join("".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(60))
        for _ in range(50)
    )
    assert sum(may_spell(table, text) for text in texts) == 0


def test_what_goes_on_otherwise_than_a_passage_is_left_out(table: LetterTable) -> None:
    begun = " ".join(PASSAGE.split()[:4])
    assert not may_spell(table, f"{begun} yellow " * 30)
    assert may_spell(table, f"{begun} yellow " * 30 + PASSAGE)


def test_a_number_may_be_spelled_before_other_signs(table: LetterTable) -> None:
    assert may_spell(table, "room 4711 23 of many")
    assert not may_spell(table, "room 4712 23 of many")


def test_it_is_the_same_when_it_is_loaded(builder: LetterBuilder, tmp_path: Path) -> None:
    with folder_shelf(tmp_path) as shelf:
        builder.lay(shelf)
    loaded = LetterTable.load(tmp_path, KEY)
    assert may_spell(loaded, "Жщф цъщ")
    assert not may_spell(loaded, "Жщф фъщ")
