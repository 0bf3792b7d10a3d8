"""Of tokens nothing is told but numbers, and words that went out as they came."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.odds import AHEAD, Odds
from gateway.wire.answer import Token
from gateway.wire.tokens import tokens_of
from tests.laws import law

SAID = ("The", " lamp", " of", " Zoë", " 灯", " turns", ".")
WORDS = st.lists(st.sampled_from(SAID[:3]), min_size=1, max_size=5)


def tokens(*texts: str | bytes) -> list[Token]:
    data = [text if isinstance(text, bytes) else text.encode() for text in texts]
    return [Token(each, -float(place)) for place, each in enumerate(data)]


def told(odds: Odds, text: str) -> list[tuple[str, object]]:
    return [(str(one["token"]), one["logprob"]) for one in odds.released(text)]


def test_what_is_released_as_it_came_is_told_with_its_numbers() -> None:
    odds = Odds()
    odds.heard("The lamp", tokens("The", " lamp"))
    assert odds.released("The lamp") == [
        {"token": "The", "logprob": 0.0, "bytes": [84, 104, 101], "top_logprobs": []},
        {"token": " lamp", "logprob": -1.0, "bytes": [32, 108, 97, 109, 112], "top_logprobs": []},
    ]


def test_what_is_held_is_told_when_it_is_released_and_not_before() -> None:
    odds = Odds()
    odds.heard("The lamp turns", tokens("The", " lamp", " turns"))
    assert told(odds, "The la") == [("The", 0.0)]
    assert told(odds, "mp") == [(" lamp", -1.0)]
    assert told(odds, " turns") == [(" turns", -2.0)]


def test_from_where_it_goes_out_otherwise_nothing_is_told() -> None:
    odds = Odds()
    odds.heard("The lamp turns", tokens("The", " lamp", " turns"))
    assert told(odds, "The") == [("The", 0.0)]
    assert told(odds, " fire") == []
    odds.heard(" on.", tokens(" on", "."))
    assert told(odds, " lamp turns on.") == []


def test_of_a_token_that_is_withheld_no_number_is_told_beside_a_word_like_it() -> None:
    odds = Odds()
    odds.heard("Isaac", tokens("I", "saac"))
    assert told(odds, "I don't know.") == []


@pytest.mark.parametrize("listed", [(" Alden", " Crane"), ("Alden", " lamp"), ("The lamp turns",), ()])
def test_tokens_that_are_not_the_text_are_not_told(listed: tuple[str, ...]) -> None:
    odds = Odds()
    odds.heard("The lamp", tokens(*listed))
    assert told(odds, "The lamp") == []


def test_the_parts_of_one_character_are_told_when_it_is_out() -> None:
    odds = Odds()
    odds.heard("", tokens(b"\xe7"))
    odds.heard("", [Token(b"\x81", -0.5)])
    assert told(odds, "") == []
    odds.heard("灯", [Token(b"\xaf", -0.25)])
    assert [one[1] for one in told(odds, "灯")] == [0.0, -0.5, -0.25]


def test_tokens_without_their_text_are_not_kept_for_ever() -> None:
    odds = Odds()
    for _ in range(AHEAD + 1):
        odds.heard("", tokens("a"))
    assert odds.lost
    assert not odds.tokens


@law
@given(st.lists(st.sampled_from(SAID), min_size=1), st.data())
def test_in_any_cuts_the_same_is_told(said: Sequence[str], data: st.DataObject) -> None:
    odds, text, heard, sent, found = Odds(), "".join(said), 0, 0, list[tuple[str, object]]()
    for place, token in enumerate(tokens(*said)):
        odds.heard(said[place], [token])
        heard += len(said[place])
        until = data.draw(st.integers(sent, heard))
        found += told(odds, text[sent:until]) if until > sent else []
        sent = until
    found += told(odds, text[sent:]) if sent < len(text) else []
    assert found == [(said[place], -float(place)) for place in range(len(said))]


@law
@given(WORDS, WORDS, WORDS)
def test_what_is_told_was_released(
    said: Sequence[str], other: Sequence[str], released: Sequence[str]
) -> None:
    """Whatever tokens the model server says there are."""
    odds, out, found = Odds(), "", b""
    odds.heard("".join(said), tokens(*other))
    for text in (said[0], *released):
        out += text
        told_of: list[Any] = odds.released(text)
        found += b"".join(bytes(one["bytes"]) for one in told_of)
        assert out.encode().startswith(found)


def content(**changed: object) -> dict[str, object]:
    return {"content": [{"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []} | changed]}


@pytest.mark.parametrize(
    "found",
    [
        None,
        [],
        "Alden Crane",
        {},
        {"content": None},
        {"content": "Alden Crane"},
        {"content": ["Alden Crane"]},
        content(logprob="Alden Crane"),
        content(logprob=None),
        content(logprob=math.inf),
        content(logprob=math.nan),
        content(logprob=1.0),
        content(bytes=["Alden Crane"]),
        content(bytes=[256]),
        content(bytes=[-1]),
        content(bytes=None, token=1),
        content(bytes=None, token=None),
    ],
)
def test_what_is_not_as_it_should_be_is_nothing(found: object) -> None:
    assert tokens_of(found) == ()


def test_a_token_is_its_bytes_or_its_text() -> None:
    assert tokens_of(content()) == (Token(b"a", -1.0),)
    assert tokens_of(content(bytes=None)) == (Token(b"a", -1.0),)
    assert tokens_of(content(bytes=None, token="")) == ()
