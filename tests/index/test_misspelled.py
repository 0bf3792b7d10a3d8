"""A word of a name is known when it is misspelled by one letter, and no ordinary word is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.bits import word_bits
from index.misspelled import MISSPELLED_BITS, Misspelled, Sense, build_misspelled, word_of_name

KEY = bytes(range(32))
NAMES = ("alden", "crane", "vosskamp", "quistgaard", "li")
KNOWN = build_misspelled({name: name for name in NAMES}, ["aldem"], KEY)
LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyz")


def word(name: str) -> int:
    return word_of_name(KEY, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_word_of_a_name_is_known_as_itself(name: str) -> None:
    assert KNOWN[name] == Sense(word(name), edited=False)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("aldn", "alden"),
        ("ladne", None),
        ("krane", "crane"),
        ("vosskmap", "vosskamp"),
        ("voskamp", "vosskamp"),
        ("vossskamp", "vosskamp"),
        ("voxskamp", "vosskamp"),
        ("vosxkamp", "vosskamp"),
        ("ovsskamp", "vosskamp"),
        ("oisskamp", None),
        ("quistgard", "quistgaard"),
        ("lli", None),
        ("crank", None),
        ("crate", None),
        ("aldem", None),
    ],
)
def test_one_letter_may_be_wrong_unless_the_word_is_short_ordinary_or_innocent(
    written: str, meant: str | None
) -> None:
    assert KNOWN[written] == (Sense(word(meant), edited=True) if meant else None)


@given(
    st.sampled_from(NAMES[2:4]), st.integers(0, 8), LETTERS, st.sampled_from(["drop", "add", "swap", "put"])
)
def test_every_single_edit_of_a_long_word_is_known(name: str, place: int, letter: str, edit: str) -> None:
    place = min(place, len(name) - 2)
    head, first, second, tail = name[:place], name[place], name[place + 1], name[place + 2 :]
    match edit:
        case "drop":
            written = head + second + tail
        case "add":
            written = head + letter + first + second + tail
        case "swap":
            written = head + second + first + tail
        case _:
            written = head + letter + second + tail
    assert word_bits(written) < MISSPELLED_BITS or KNOWN[written] == Sense(word(name), written != name)


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12))
def test_a_word_further_away_is_unknown(written: str) -> None:
    if all(_distance(written, name) > 2 for name in NAMES):
        assert KNOWN[written] is None


def test_another_key_knows_nothing() -> None:
    assert Misspelled(KNOWN._stored, b"another key, of 32 bytes exactly")["alden"] is None


def _distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        before, row[0] = row[0], place
        for column, wanted in enumerate(other, 1):
            before, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, before + (letter != wanted)),
            )
    return row[-1]
