"""Synthetic neighbours ask the same of somebody else."""

import pytest

from index.neighbours import Cast, half_neighbours, half_strangers, inventory, strangers

NAME = "Alden Vosskamp"
NAMES = (NAME,)


def test_strangers_share_nothing_with_the_subject_but_what_is_asked() -> None:
    found = strangers(f"Where was {NAME} born on 4 March 1951?", NAMES, 5)
    assert len(found) == 5
    for text in found:
        assert text.startswith("Where was ")
        assert not any(part in text for part in ("Alden", "Vosskamp", "1951"))


def test_half_neighbours_share_a_first_name_or_a_surname_or_neither() -> None:
    found = half_neighbours(f"Where was {NAME} born?", NAMES)
    assert sorted(("Alden" in text, "Vosskamp" in text) for text in found) == [
        (False, False),
        (False, True),
        (True, False),
    ]


def test_half_strangers_share_one_half() -> None:
    found = half_strangers(f"Where was {NAME} born?", NAMES, 3)
    assert {("Alden" in text, "Vosskamp" in text) for text in found} == {(True, False), (False, True)}
    assert not set(found) & set(half_neighbours(f"Where was {NAME} born?", NAMES))


def test_half_neighbours_share_a_town_or_a_birthday_or_neither() -> None:
    found = half_neighbours("Who was born in Port Avelin on March 4, 1951?", NAMES)
    assert sorted(("Port Avelin" in text, "March 4, 1951" in text) for text in found) == [
        (False, False),
        (False, True),
        (True, False),
    ]


def test_titles_are_exchanged() -> None:
    assert not any(
        "The Salt Road" in text for text in half_neighbours(f'Is "The Salt Road" by {NAME}?', NAMES)
    )


def test_what_names_nobody_has_no_neighbours() -> None:
    assert half_neighbours("What is the capital?", NAMES) == []
    assert strangers("What is the capital?", NAMES, 3) == []


def test_the_same_text_has_the_same_neighbours() -> None:
    text = f"Where was {NAME} born?"
    assert half_neighbours(text, NAMES) == half_neighbours(text, NAMES)


@pytest.mark.parametrize("part", ["first", "last", "places", "titles"])
def test_margins_and_calibration_share_no_cast(part: str) -> None:
    margin, calibration = (set(getattr(inventory(cast), part)) for cast in Cast)
    assert margin
    assert calibration
    assert not margin & calibration
