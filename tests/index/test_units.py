"""Units are the same however a text is cut, and whatever characters it is dressed in."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fold import fold
from index.units import LONGEST, DigitReader, Unit, UnitReader, digits, units
from tests.growth import grows_at_most

TRICKY = st.text(
    alphabet="aB9 '’\u0301\u200b\u00ad_-中кЗﬃ½\u0e01\U000e0041\U0001f170\0\n\u3164Ⅷ", max_size=40
)
ANY = st.text(max_size=60) | TRICKY | st.text(alphabet="aZ'0 ", max_size=90)


def cut(text: str, places: list[int]) -> list[str]:
    marks = sorted({place % (len(text) + 1) for place in places} | {0, len(text)})
    return [text[a:b] for a, b in pairwise(marks)]


def texts(found: list[Unit]) -> list[str]:
    return [unit.text for unit in found]


@given(ANY, st.lists(st.integers(0, 1000), max_size=12))
def test_cutting_a_text_changes_no_unit(text: str, places: list[int]) -> None:
    reader, found = UnitReader(), []
    for piece in cut(text, places):
        found += reader.feed(piece)
    assert found + reader.finish() == units(text)


@given(ANY)
def test_character_by_character_gives_the_same(text: str) -> None:
    reader = UnitReader()
    assert [u for c in text for u in reader.feed(c)] + reader.finish() == units(text)


@given(ANY, st.lists(st.integers(0, 1000), max_size=12))
def test_cutting_a_text_changes_no_digit(text: str, places: list[int]) -> None:
    reader = DigitReader()
    assert [u for piece in cut(text, places) for u in reader.feed(piece)] == digits(text)


def plain_units(text: str) -> list[str]:
    """Units of a folded text by the definition, without any spans."""
    found, word, pending = [], "", False
    for character in fold(text) + " ":
        if "\u0e00" <= character <= "\u0eff" or "\u4e00" <= character <= "\u9fff":
            found += [word, character]
            word, pending = "", False
        elif character.isalnum():
            word, pending = word + character, False
        elif character == "'" and word and not pending:
            pending = True
        else:
            found.append(word)
            word, pending = "", False
        if len(word) == LONGEST:
            found.append(word)
            word = ""
    return [word for word in found if word]


@given(TRICKY | st.text(alphabet="aZ'0 ", max_size=90))
def test_units_are_those_of_the_folded_text(text: str) -> None:
    assert texts(units(text)) == plain_units(text)


@given(ANY)
def test_spans_lie_in_the_text_in_order_and_fold_to_the_unit(text: str) -> None:
    last = 0
    for unit in units(text):
        assert last <= unit.start < unit.end <= len(text)
        assert unit.text in fold(text[unit.start : unit.end]).replace("'", "")
        last = unit.start


@given(ANY)
def test_open_at_is_where_the_next_unit_may_begin(text: str) -> None:
    reader = UnitReader()
    reader.feed(text)
    rest = reader.finish()
    open_at = UnitReader()
    open_at.feed(text)
    assert open_at.open_at == (rest[0].start if rest else None)


def test_capitals_are_those_of_the_raw_first_letter() -> None:
    found = units("Alden crane 3Com Ábc \U0001d400bc ǅ \u200bZed McX \U000e0041b 555 МИР")
    assert [unit.capital for unit in found] == [
        True,
        False,
        True,
        True,
        True,
        True,
        True,
        True,
        True,
        False,
        True,
    ]


def test_apostrophes_are_dropped_inside_and_left_out_at_the_end() -> None:
    assert units("don't O’Brienʼs dogs' 'x'") == [
        Unit("dont", 0, 5, False),
        Unit("obriens", 6, 15, True),
        Unit("dogs", 16, 20, False),
        Unit("x", 23, 24, False),
    ]


def test_two_apostrophes_and_underscores_and_hyphens_separate() -> None:
    assert texts(units("a''b c_d e-f g\u2011h")) == list("abcdefgh")


def test_trailing_marks_belong_to_the_span() -> None:
    assert units("Zoe\u0301 x")[0] == Unit("zoe", 0, 4, True)


def test_scripts_without_spaces_give_a_unit_a_character() -> None:
    assert texts(units("我爱你 ภาษา カタ")) == [*"我爱你", *"ภาษา", *"カタ"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Привет, как дела?", 3),
        ("Καλημέρα κόσμε", 2),
        ("مرحبا بالعالم", 2),
        ("नमस्ते दुनिया", 2),
        ("안녕하세요 세계", 2),
        ("שלום עולם", 2),
    ],
)
def test_genuine_text_of_other_scripts_keeps_its_words(text: str, count: int) -> None:
    assert len(units(text)) == count


def test_case_has_no_effect_in_cyrillic() -> None:
    text = "съешь ещё этих мягких французских булок, да выпей чаю"
    assert texts(units(text)) == texts(units(text.upper()))


def test_an_endless_word_is_closed_again_and_again() -> None:
    assert [len(unit.text) for unit in units("a" * 150)] == [64, 64, 22]


def test_digits_ignore_separators_and_show_where_letters_end_a_run() -> None:
    assert texts(digits("call 555-20 (1) ٣٣ or 9")) == [*"5552013", "3", "", "9"]


@pytest.mark.parametrize(
    ("first", "rest"),
    [("", "a"), ("a", "\u0301"), ("", "\u0301"), ("", "a'"), ("", "ﬃ"), ("", "中")],
    ids=["one word", "marks", "only marks", "apostrophes", "ligatures", "ideographs"],
)
@pytest.mark.parametrize("piece", [1_000_000, 7])
def test_time_is_linear_in_hostile_texts(first: str, rest: str, piece: int) -> None:
    def read(size: int) -> None:
        reader, text = UnitReader(), first + rest * size
        for place in range(0, len(text), piece):
            reader.feed(text[place : place + piece])

    assert grows_at_most(24, read, 25_000, 200_000)


def test_a_random_text_of_all_of_unicode_is_read_in_linear_time() -> None:
    chance = random.Random(3)
    places = [
        chance.choice((chance.randrange(0xD800), chance.randrange(0xE000, 0x110000))) for _ in range(200_000)
    ]
    text = "".join(map(chr, places))
    assert grows_at_most(24, lambda size: units(text[:size]), 25_000, 200_000)
