"""A sentence is a repetition when it tells nothing that was not supplied."""

import pytest

from filters.repetition import is_supplied, repeats
from index.units import units

SUPPLIED = "Alden Crane, whose father was a cooper, was born in Leeds in 1931. Where was Crane born?"


@pytest.mark.parametrize(
    ("sentence", "strictly", "knowing"),
    [
        ("Crane was born in Leeds.", True, True),
        ("Alden Crane's father was a cooper.", True, True),
        ("Crane is a native of Leeds.", False, True),
        ("Crane was born in Bradford.", False, False),
        ("Bradford was where.", False, False),
        ("Crane was born in 1932.", False, False),
        ("His father was a lighthouse carpenter.", False, False),
        ("It was there.", True, True),
    ],
)
def test_repeats(sentence: str, strictly: bool, knowing: bool) -> None:
    words = {unit.text for unit in units(SUPPLIED)}
    assert repeats(sentence, words.__contains__, knowing=False) is strictly
    assert repeats(sentence, words.__contains__, knowing=True) is knowing


@pytest.mark.parametrize(
    ("run", "known"),
    [
        ("Crane was born in Leeds", True),
        ("of the most of it", True),
        ("in Bradford", False),
        ("Bradford was where", False),
        ("born in 1932", False),
        ("the lighthouse was where", False),
    ],
)
def test_is_supplied(run: str, known: bool) -> None:
    words = {unit.text for unit in units(SUPPLIED)}
    assert is_supplied(units(run), words.__contains__) is known
