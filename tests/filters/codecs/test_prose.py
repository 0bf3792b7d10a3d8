"""In what is taken for prose at a glance the reader of streams finds no run either."""

from hypothesis import given
from hypothesis import strategies as st

from filters.codecs.prose import plain_until
from filters.odd_runs import OddRuns
from tests.laws import law

WORDS = ["word", "Two", "it", "it's", "I", "a", "A", "o", "Hm,", "so.", "b?", "x" * 24, "x" * 26]
OTHERS = ["McCoy", "USA", "-", "one-two", "3", "12", "e.g.", "“so”", "'tis", "QWxkZW4=", "é", ""]
GAPS = st.sampled_from([" ", " ", " ", "\n", "  ", "\t", "\n\n", "\x1c", "\x85", "\xa0"])
TOKENS = st.tuples(st.sampled_from(WORDS + OTHERS), GAPS).map("".join)


@law
@given(st.lists(TOKENS, max_size=14).map("".join) | st.text(max_size=30))
def test_no_run_begins_in_what_is_plain(text: str) -> None:
    runs = OddRuns()
    plain = text[: plain_until(text)]
    assert [*runs.feed(plain), *runs.finish()] == []


def test_what_people_write_is_plain() -> None:
    for said in ("I am a man of a kind.", "Who was she? Nobody\nremembers", ""):
        assert plain_until(said) == len(said)
    assert plain_until("See QWxkZW4gQ3JhbmU=") == len("See ")
    assert plain_until("1931") == 0
