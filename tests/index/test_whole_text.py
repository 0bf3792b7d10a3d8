"""Read in bulk, a text has the units that the readers read in it one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.units import LONGEST, digits, units
from index.whole_text import WholeText
from tests.index.test_units import ANY
from tests.laws import law

SURROGATES = st.text(st.characters(codec=None, categories=("Cs", "Ll", "Nd", "Po")), max_size=20)
ASCII = st.text(st.characters(max_codepoint=127), max_size=120) | st.text("a1' .\x00\n", max_size=200)


@law
@given(ANY | ASCII | SURROGATES | st.text("Straße ’'é中１２x", max_size=60))
def test_in_bulk_a_text_has_the_units_it_has_one_by_one(text: str) -> None:
    whole = WholeText.of(text)
    assert whole.words == [unit.text for unit in units(text)]
    figures = whole.figures.decode()
    assert [figure.strip() for figure in figures.lstrip()] == [unit.text for unit in digits(text)]
    assert [figure.strip() for figure in f"7{figures}"] == [unit.text for unit in digits(f"7 {text}")]


@pytest.mark.parametrize("letter", ["a", "é", "ﬃ", "中"])
@pytest.mark.parametrize("count", [LONGEST - 1, LONGEST, LONGEST + 1, 3 * LONGEST])
@pytest.mark.parametrize("end", ["", "'", "'b", "''b", "\u200b'b 7"])
def test_an_endless_word_is_cut_where_a_reader_cuts_it(letter: str, count: int, end: str) -> None:
    text = letter * count + end
    assert WholeText.of(text).words == [unit.text for unit in units(text)]


def test_every_character_is_spelled_as_it_is_read() -> None:
    for first in (*range(0, 0x20000, 2048), *range(0xE0000, 0xE2000, 2048)):
        text = "a".join(map(chr, range(first, first + 2048)))
        assert WholeText.of(text).words == [unit.text for unit in units(text)], hex(first)
