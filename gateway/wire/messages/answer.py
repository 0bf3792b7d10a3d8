"""Where a message holds text, in the events of a stream and in a whole body.

Rule: all blocks of text are one text, so that what is cut over two blocks is read as one. Calls and thoughts
are numbered like their blocks, and end with them: what is held of a thought goes out before the text.
"""

from collections.abc import Iterable

import orjson

from gateway.errors import Json
from gateway.wire.answer import (
    Heard,
    Said,
    Slot,
    SlotRole,
    WireError,
    cleaned,
    error_of,
    list_of,
    text_of,
    told_apart,
)
from gateway.wire.contract import Contract
from gateway.wire.keys import CALLS, id_key, name_key, text_key
from gateway.wire.pieces import Pieces
from policy.surface import Channel

CONTENT = text_key(0, Channel.CONTENT, 0)
ENDING = Channel.REASONING, Channel.ARGUMENTS

# The fields of a piece of one block.
DELTA = {"type", "index", "delta"}

# An end that is not of the closed list, or is not told, is an end.
FINISHES = {"max_tokens": "length", "tool_use": "tool_calls", "refusal": "content_filter"}

# What was cached counts like what was not: the difference would tell what other clients asked.
INPUTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def understood(contract: Contract, data: object, choices: int, streamed: bool) -> Heard:
    if not isinstance(data, dict):
        raise WireError("expected an object")
    if not streamed:
        body = cleaned(contract, "body", data)
        slots = _blocks(contract, body.get("content"), SlotRole.DELTA)
        return Heard([Said(0, slots, _finish(body))], _usage(contract, body))
    if data.get("type") == "error":
        return Heard([], None, error_of(data) or "")
    one = usual(data)
    return Heard([one]) if one else _event(contract, *told_apart(contract, "event", data))


def usual(data: object) -> Said | None:
    """The next piece of prose, as nearly all events are; None for any other event.

    It says the same as what reads all events.
    """
    if not isinstance(data, dict) or data.keys() != DELTA or data["type"] != "content_block_delta":
        return None
    match data["delta"]:
        case {"type": "text_delta", "text": str(text), **rest} if not rest and _is_number(data["index"]):
            return Said(0, [Slot(CONTENT, text)])
    return None


def pieces(contract: Contract, choices: int) -> Pieces:
    return Pieces("text", _holder, usual)


def _holder(data: Json) -> Json:
    delta = data["delta"]
    assert isinstance(delta, dict)
    return delta


def _event(contract: Contract, kind: str, event: Json) -> Heard:
    match kind:
        case "message_start":
            body = cleaned(contract, "body", event.get("message"))
            begun = Said(0, _blocks(contract, body.get("content", []), SlotRole.SNAPSHOT))
            return Heard([begun], _usage(contract, body))
        case "message_delta":
            end = Said(0, [], _finish(cleaned(contract, "message_end", event.get("delta"))))
            return Heard([end], _usage(contract, event))
        case "message_stop":
            return Heard([], over=True)
        case "content_block_start":
            number = _number(event)
            return _said(_block(contract, event.get("content_block"), number, SlotRole.SNAPSHOT))
        case "content_block_delta":
            return _said([_delta(contract, event.get("delta"), _number(event))])
        case "content_block_stop":
            number = _number(event)
            return _said([Slot(text_key(0, channel, number), "", SlotRole.END) for channel in ENDING])
    return Heard([])


def _said(slots: Iterable[Slot | None]) -> Heard:
    return Heard([Said(0, [slot for slot in slots if slot is not None])])


def _delta(contract: Contract, value: object, number: int) -> Slot | None:
    """None: a signature, which is the gateway's own."""
    kind, delta = told_apart(contract, "delta", value)
    match kind:
        case "text_delta":
            return Slot(CONTENT, text_of("text", delta.get("text")))
        case "thinking_delta":
            return Slot(text_key(0, Channel.REASONING, number), text_of("thinking", delta.get("thinking")))
        case "input_json_delta":
            key = text_key(0, Channel.ARGUMENTS, number)
            return Slot(key, text_of("partial_json", delta.get("partial_json")))
    return None


def _blocks(contract: Contract, value: object, role: SlotRole) -> list[Slot]:
    """`role` is that of what calls say."""
    listed = list_of("content", value)
    if len(listed) > CALLS:
        raise WireError("content: more blocks than an answer may have")
    return [slot for number, block in enumerate(listed) for slot in _block(contract, block, number, role)]


def _block(contract: Contract, value: object, number: int, role: SlotRole) -> list[Slot]:
    kind, block = told_apart(contract, "block", value)
    if kind != "tool_use":
        key = CONTENT if kind == "text" else text_key(0, Channel.REASONING, number)
        return [Slot(key, text_of(kind, block.get(kind, "")))]
    told = (id_key(0, number), "id"), (name_key(0, number), "name")
    heads = [Slot(key, text_of(name, block[name]), SlotRole.WHOLE) for key, name in told if block.get(name)]
    return [*heads, Slot(text_key(0, Channel.ARGUMENTS, number), _written(block.get("input")), role)]


def _written(value: object) -> str:
    """What a call says, as JSON text; one that begins says nothing yet."""
    try:
        return orjson.dumps(value).decode() if value else ""
    except orjson.JSONEncodeError:
        raise WireError("input: deeper than JSON may be") from None


def _finish(body: Json) -> str:
    reason = body.get("stop_reason")
    return FINISHES.get(reason, "stop") if isinstance(reason, str) else "stop"


def _usage(contract: Contract, body: Json) -> Json | None:
    """By the names that chat has for them."""
    told = body.get("usage")
    if not isinstance(told, dict):
        return None
    cleaned(contract, "usage", told)
    counted = [told[name] for name in INPUTS if type(told.get(name)) is int]
    prompt: Json = {"prompt_tokens": sum(counted)} if counted else {}
    said = told.get("output_tokens")
    return prompt | ({"completion_tokens": said} if type(said) is int else {}) or None


def _number(event: Json) -> int:
    number = event.get("index")
    if not _is_number(number):
        raise WireError("index: out of range")
    assert isinstance(number, int)
    return number


def _is_number(number: object) -> bool:
    """Whether a block may have it."""
    return type(number) is int and 0 <= number < CALLS
