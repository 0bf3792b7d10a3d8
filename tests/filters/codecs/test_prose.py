"""What is taken for prose at a glance has nothing odd for those who look closely."""

from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from filters.codecs import oddness
from filters.codecs.prose import is_prose, plain_until
from filters.odd_runs import OddRuns
from tests.laws import law

WORDS = ["word", "Two", "it", "it's", "I", "a", "A", "I'm", "o", "Hm,", "so.", "all;", "b?"]
LONG = ["x" * 12, "x" * 16, "x" * 17, "x" * 26]
OTHERS = ["McCoy", "USA", "-", "one-two", "3", "e.g.", "(so", "“so”", "'tis", "a.b", "end..", "é", ""]
TOKENS = st.sampled_from(WORDS + LONG + OTHERS)
GAPS = st.sampled_from([" ", " ", " ", "\n", "  ", "\t", "\n\n", "\x1c", "\x85", "\xa0"])
TEXTS = st.lists(st.tuples(TOKENS, GAPS), max_size=14).map(lambda said: "".join(a + b for a, b in said))


@law
@given(TEXTS | st.text(max_size=30))
def test_nothing_of_prose_is_odd(text: str) -> None:
    if is_prose(text):
        with mock.patch.object(oddness, "is_prose", return_value=False):
            assert oddness.odd_spans(text) == []


@law
@given(TEXTS | st.text(max_size=30))
def test_no_run_begins_in_what_is_plain(text: str) -> None:
    runs = OddRuns()
    plain = text[: plain_until(text)]
    assert [*runs.feed(plain), *runs.finish()] == []


def test_what_people_write_is_prose() -> None:
    assert is_prose("Who was she? I don't know, and nobody else\nremembers her name.")
    assert is_prose("")
    assert not is_prose("I am a man of a kind.")
    assert not is_prose("1931")
    assert plain_until("I am a man of a kind.") == len("I am a man of a kind.")
    assert plain_until("See QWxkZW4gQ3JhbmU=") == len("See ")
