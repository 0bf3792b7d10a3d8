"""What an evader writes folds to what it says; honest text in other scripts keeps its letters."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fold import fold, fold_character, look_alikes, plain
from index.units import units
from tests.growth import grows_at_most

PLAIN = "alden crane moved to lisbon"


def in_style(first_capital: int, first_small: int) -> str:
    """The sentence in one of the alphabets that Unicode keeps for mathematics."""
    named = {c: chr(first_small + ord(c) - ord("a")) for c in "abcdefghijklmnopqrstuvwxyz"}
    named |= {c.upper(): chr(first_capital + ord(c) - ord("a")) for c in named}
    return "".join(named.get(c, c) for c in "Alden Crane moved to Lisbon")


def between(inserted: str) -> str:
    return "".join(f"{c}{inserted}" if c != " " else c for c in "Alden Crane moved to Lisbon")


def swapped(pairs: str) -> str:
    table = dict(zip(pairs[::2], pairs[1::2], strict=True))
    return "".join(table.get(c, c) for c in "Alden Crane moved to Lisbon")


SMALL_CAPITALS = dict(zip("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", strict=True))

EVASIONS = {
    "Cyrillic look-alikes": swapped("AАaаeеoоcсCСrгsѕiіmмnпtт"),
    "palochka for l": swapped("lӏ"),
    "Greek look-alikes": swapped("AΑaαeεoοtτiιnηvνbβ"),
    "full width": in_style(0xFF21, 0xFF41),
    "bold": in_style(0x1D400, 0x1D41A),
    "sans-serif italic": in_style(0x1D608, 0x1D622),
    "circled": in_style(0x24B6, 0x24D0),
    "squared": in_style(0x1F130, 0x1F130),
    "negative squared": in_style(0x1F170, 0x1F170),
    "negative circled": in_style(0x1F150, 0x1F150),
    "regional indicators": in_style(0x1F1E6, 0x1F1E6),
    "small capitals": "".join(SMALL_CAPITALS.get(c, c) for c in PLAIN),
    "tags": "".join(chr(0xE0000 + ord(c)) for c in "Alden Crane moved to Lisbon"),
    "zero-width space": between("\u200b"),
    "zero-width joiner": between("\u200d"),
    "soft hyphen": between("\u00ad"),
    "variation selector": between("\ufe0f"),
    "variation selector 256": between("\U000e01ef"),
    "Hangul filler": between("\u3164"),
    "half-width Hangul filler": between("\uffa0"),
    "combining grapheme joiner": between("\u034f"),
    "strike-through": between("\u0336"),
    "enclosing circle": between("\u20dd"),
    "invisible times": between("\u2062"),
    "byte order mark": between("\ufeff"),
    "bidi override": "\u202eAlden\u202c \u2066Crane\u2069 moved to Lisbon",
    "NUL": between("\x00"),
    "escape": between("\x1b"),
    "diacritics": "Áldèñ Çråñê möved tø Łïşbön",
    "decomposed diacritics": unicodedata.normalize("NFD", "Áldèñ Çråñê möved to Lïşbön"),
    "no-break spaces": "Alden\u00a0Crane\u202fmoved\u2003to Lisbon",
    "capitals": PLAIN.upper(),
}


@pytest.mark.parametrize("dressed", EVASIONS.values(), ids=EVASIONS)
def test_a_dressed_text_folds_to_what_it_says(dressed: str) -> None:
    assert dressed != PLAIN
    assert [unit.text for unit in units(dressed)] == PLAIN.split()


@pytest.mark.parametrize("dressed", EVASIONS.values(), ids=EVASIONS)
def test_lower_case_alone_would_not_find_it(dressed: str) -> None:
    """The fold is what finds these: without it none but capitals is seen."""
    assert (dressed.lower().split() == PLAIN.split()) == (dressed == PLAIN.upper() or "\u00a0" in dressed)


@pytest.mark.parametrize("text", ["0O o1 Il1|", "rn m cl d vv w", "pa$$word l33t", "5 S 8 B"])
def test_no_ascii_character_is_taken_for_another(text: str) -> None:
    assert fold(text) == text.lower()


@pytest.mark.parametrize(
    ("text", "letters"),
    [("中文字符", 4), ("ภาษาไทย", 7), ("मछली", 3), ("مرحبا", 5), ("привет", 6), ("καλημερα", 8)],
)
def test_genuine_text_of_other_scripts_keeps_a_letter_for_each(text: str, letters: int) -> None:
    assert len(fold(text)) == letters
    assert fold(text).isalnum()


def test_words_of_one_script_stay_apart() -> None:
    words = ["молоко", "масло", "мыло", "село", "сила", "стол", "стул", "вода", "еда", "беда"]
    assert len({fold(word) for word in words}) == len(words)


def test_digits_of_every_script_are_digits() -> None:
    scripts = [chr(c) for c in range(sys.maxunicode + 1) if unicodedata.decimal(chr(c), None) is not None]
    assert len(scripts) > 500
    assert all(fold(c) == str(unicodedata.decimal(c)) for c in scripts)


@pytest.mark.parametrize("apostrophe", "’ʼ‘＇′ʹ´")
def test_apostrophes_are_one(apostrophe: str) -> None:
    assert fold(f"O{apostrophe}Brien") == "o'brien"


@pytest.mark.parametrize(
    ("text", "folded"), [("ﬃ", "ffi"), ("½", "1⁄2"), ("ß", "ss"), ("Ⅷ", "viii"), ("㎏", "kg")]
)
def test_one_character_may_fold_to_several(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(), st.text())
def test_folding_pieces_is_folding_the_whole(first: str, second: str) -> None:
    assert fold(first) + fold(second) == fold(first + second)
    assert fold(first) == "".join(map(fold_character, first))


def test_folding_twice_is_folding_once() -> None:
    """For every character there is."""
    assert [c for c in map(chr, range(sys.maxunicode + 1)) if fold(fold(c)) != fold(c)] == []


def test_case_has_no_effect_but_on_a_few_greek_letters() -> None:
    """Their capitals look like other Latin letters than their small ones."""
    letters = [chr(c) for c in range(0x3000) if len(chr(c).lower()) == 1]
    odd = {c for c in letters if fold(c) != fold(c.lower())}
    assert {unicodedata.normalize("NFD", c)[0] for c in odd} <= set("ΗΝΥƼↃ")


def test_the_table_maps_other_characters_to_small_ascii_letters_and_digits() -> None:
    table = look_alikes()
    assert len(table) > 1_000
    assert not any(source.isascii() for source in table)
    assert all(form.isascii() and form.isalnum() and form == form.lower() for form in table.values())


@given(st.text())
def test_plain_text_needs_only_lower_case(text: str) -> None:
    if plain(text):
        assert "".join(map(fold_character, text)) == text.lower()


def test_a_long_text_is_folded_quickly() -> None:
    assert grows_at_most(24, lambda size: fold("а" * size + "\u0301" * size), 50_000, 400_000)
    assert grows_at_most(24, lambda size: fold("The quick brown fox. " * size), 10_000, 80_000)
