"""What a message says of a refusal, in each shape that an operator can choose."""

from typing import Any

import pytest

from gateway.config import RefusalShape
from gateway.errors import Json
from gateway.refusal import Refusal
from gateway.wire.keys import text_key
from gateway.wire.messages.framing import MessagesFraming
from gateway.wire.messages.writer import MessagesWriter
from gateway.wire.request import Request
from gateway.wire.writer import Frame, streamed
from policy.surface import Channel

FRAME = Frame("msg_1", 1, "demo")
USAGE: Json = {"prompt_tokens": 7, "completion_tokens": 5}


def writer(machine_read: bool = False) -> MessagesWriter:
    asked = Request({}, (), None, True, 1, True, machine_read, 0)
    return MessagesWriter(FRAME, asked)


def refused(shape: RefusalShape, machine_read: bool = False) -> tuple[Any, list[Any]]:
    """Whole, and as events."""
    choice = Refusal("No idea.", shape, machine_read).choice(0)
    whole = writer(machine_read).whole([choice], USAGE)
    return whole, streamed(writer(machine_read), [choice], USAGE, wanted=True)


@pytest.mark.parametrize(
    ("shape", "machine_read", "content", "reason", "explained"),
    [
        (RefusalShape.ANSWER, False, [{"type": "text", "text": "No idea."}], "end_turn", None),
        (RefusalShape.ANSWER, True, [], "refusal", "No idea."),
        (RefusalShape.REFUSAL, False, [], "refusal", "No idea."),
        (RefusalShape.CONTENT_FILTER, False, [], "refusal", None),
    ],
)
def test_a_refusal_has_the_shape_that_the_operator_chose(
    shape: RefusalShape, machine_read: bool, content: list[Json], reason: str, explained: str | None
) -> None:
    whole, events = refused(shape, machine_read)
    ended = events[-2]["delta"]
    assert (whole["content"], whole["stop_reason"]) == (content, reason)
    assert (ended["stop_reason"], whole["usage"]) == (reason, events[-2]["usage"])
    for told in (whole, ended):
        assert (told.get("stop_details") or {}).get("explanation") == explained
    assert [event["type"] for event in events if event["type"].startswith("message")] == [
        "message_start",
        "message_delta",
        "message_stop",
    ]


def test_what_was_counted_at_the_beginning_stays() -> None:
    told = writer()
    begun: Any = told.begin(0, {"prompt_tokens": 7})[0]
    ended: Any = told.last({"prompt_tokens": 900, "completion_tokens": 5})[0]
    assert begun["message"]["usage"] == {"input_tokens": 7, "output_tokens": 0}
    assert ended["usage"] == {"input_tokens": 7, "output_tokens": 5}


def test_an_answer_without_a_word_has_one_empty_block() -> None:
    told: Any = writer().whole([Refusal("", RefusalShape.ANSWER, False).choice(0)], USAGE)
    assert told["content"] == [{"type": "text", "text": ""}]


def test_pieces_of_one_block_are_one_event_and_no_others_are() -> None:
    told = writer()
    key, thinks = text_key(0, Channel.CONTENT, 0), text_key(0, Channel.REASONING, 0)
    _, first = told.pieces(0, [(key, "A ")])
    (second,) = told.pieces(0, [(key, "lamp.")])
    *_, third = told.pieces(0, [(thinks, "So.")])
    framing = MessagesFraming()
    assert framing.joined(first, second) == second | {"delta": {"type": "text_delta", "text": "A lamp."}}
    assert framing.joined(second, third) is None
    assert framing.joined(told.last(None)[1], told.last(None)[1]) is None
