"""Where no token of a text may begin a code, the reader of streams finds no run in it either."""

from hypothesis import given
from hypothesis import strategies as st

from filters.odd_runs import OddRuns
from filters.odd_search import may_run
from tests.laws import law

WORDS = [
    "word",
    "Two",
    "it's",
    "Don’t!",
    "中文",
    "USAa",
    "a-b-c",
    "—",
    "'quoted'",
    "(see",
    "e.g.,",
    "**bold**",
]
CODES = [
    "1931",
    "3.",
    "-",
    "aGVsbG8=",
    "%41%6c",
    "x2",
    "\n",
    "5552013391",
    "_",
    "0b1010",
    "\u200b",
    "1",
    "2,",
]
TOKENS = st.sampled_from(WORDS + CODES)


@law
@given(st.lists(TOKENS, max_size=12).map(" ".join) | st.text(max_size=40))
def test_a_text_without_runs_has_none_for_the_reader(text: str) -> None:
    runs = OddRuns()
    if not may_run(text):
        assert [*runs.feed(text), *runs.finish()] == []


def test_what_people_write_has_none() -> None:
    for said in (
        "Bees are kept, they say: in 1931, 12 of them.",
        "- one\n- two (of 3)\n- it’s “done”, e.g. **so**.",
    ):
        assert not may_run(said)
    assert may_run("QWxkZW4gQ3JhbmU= it is")
    assert may_run("1 2 3")
