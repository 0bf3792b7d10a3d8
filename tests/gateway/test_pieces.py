"""An event that is like the last but for its content is read as it would be read in full, or not at all."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.answer import Heard, WireError
from gateway.wire.chat.answer import pieces as pieces_of
from gateway.wire.chat.wire import chat
from gateway.wire.pieces import TRIES
from tests.gateway.canned import chunk
from tests.gateway.test_usual import EVENT, events
from tests.laws import law

CHAT = chat()
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ['"', "\\", '","content":"x', "?", '"}}]}', "content"]
)
# What may stand where the content did: JSON, and what is none.
TOKENS = TEXTS.map(orjson.dumps) | st.sampled_from(
    [b'"a","content":"b"', b"1", b"null", b'{"a":"b"}', b'"a', b"", b'"a" ', b'"\xff"', b'"\\ud800"']
)


def said(event: bytes, choices: int = 2) -> Heard | None:
    try:
        return CHAT.heard(event, choices, streamed=True)
    except WireError:
        return None


@law
@given(events(), TOKENS)
def test_a_piece_says_what_the_whole_event_says(event: dict[str, Any], token: bytes) -> None:
    first = orjson.dumps(event)
    pieces = pieces_of(CHAT.contract, 2)
    pieces.learn(first)
    text = pieces.text(other := first.replace(b'"Hello"', token))
    assert text is None or said(other) == Heard([pieces.said([text])])


@given(TEXTS)
def test_the_next_event_of_a_stream_is_a_piece(text: str) -> None:
    pieces = pieces_of(CHAT.contract, 1)
    pieces.learn(chunk({"content": "Hello"})[6:-2])
    assert pieces.text(chunk({"content": text})[6:-2]) == text


@pytest.mark.parametrize(
    "first",
    [
        b'{"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}],"model":"\\"content\\":\\"Hello\\""}',
        b'{"choices":[{"index":0,"delta":{"content":"Hello","content":"Hello"},"finish_reason":null}]}',
        b'{"choices":[{"index":0,"delta":{"content":"Hello"},"delta":{"content":"Hello"}}]}',
        b'{"id":"\\"content\\":\\"Hello\\"","choices":[{"index":0,"delta":{"content":"Hello"}}]}',
        b'{"choices":[{"delta":{"content":"Hello"},"index":0,"logprobs":{"content":"Hello"}}]}',
    ],
)
def test_a_place_that_only_looks_like_the_content_is_none(first: bytes) -> None:
    pieces = pieces_of(CHAT.contract, 1)
    pieces.learn(first)
    for start in range(len(first)):
        if first.startswith(b"Hello", start):
            other = first[:start] + b"Port Vellum" + first[start + 5 :]
            text = pieces.text(other)
            assert text is None or said(other) == Heard([pieces.said([text])])


def test_a_stream_of_unlike_events_is_soon_read_in_full_alone() -> None:
    pieces = pieces_of(CHAT.contract, 1)
    for number in range(TRIES):
        pieces.learn(orjson.dumps(EVENT | {"id": str(number)}))
    pieces.learn(last := orjson.dumps(EVENT | {"id": "last"}))
    assert pieces.text(last) is None
