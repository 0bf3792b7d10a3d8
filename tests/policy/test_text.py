"""The early count of words is never below the count that the index makes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.units import units
from policy.text import fewer_words, has_word, is_unicode, word_count

TEXTS = [
    "one two three four",
    "don't won’t canʼt shan't",
    "one-two_three/four",
    "東京都庁",
    "ภาษาไทย",
    "mixed 東京 text",
    "Привет, мир",
    "3.14 and 1,000",
    "... --- ...",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_count_is_the_index_s_on_ordinary_text(text: str) -> None:
    assert word_count(text) == len(units(text))


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "Z"])))
def test_the_count_is_the_index_s_on_ascii(text: str) -> None:
    assert word_count(text) == len(units(text))


@given(st.text())
def test_what_has_no_word_counts_none(text: str) -> None:
    assert has_word(text) is (word_count(text) > 0)


@given(st.text(alphabet=" ab'京", max_size=300), st.integers(1, 8))
def test_fewer_words_is_what_counting_all_of_them_says(text: str, than: int) -> None:
    assert fewer_words(text, than) is (word_count(text) < than)


def test_a_lone_surrogate_is_no_unicode() -> None:
    assert not is_unicode("a\ud800b")
    assert is_unicode("a\U0001f600b")
