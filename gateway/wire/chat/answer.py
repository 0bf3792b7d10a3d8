"""Where a chat answer holds text, in a chunk of a stream and in a whole body."""

from gateway.errors import Json
from gateway.wire.answer import (
    Heard,
    Said,
    Slot,
    SlotRole,
    WireError,
    cleaned,
    error_of,
    finish_of,
    list_of,
    text_of,
)
from gateway.wire.contract import Contract
from gateway.wire.keys import CALLS, LEGACY_CALL, id_key, name_key, text_key
from gateway.wire.pieces import Pieces
from gateway.wire.tokens import tokens_of
from gateway.wire.usage import usage_of
from policy.surface import Channel

PROSE = (
    ("reasoning", Channel.REASONING, 0),
    ("reasoning_content", Channel.REASONING, 1),
    ("content", Channel.CONTENT, 0),
    ("refusal", Channel.REFUSAL, 0),
)

CONTENT = {"content"}


def understood(contract: Contract, data: object, choices: int, streamed: bool) -> Heard:
    if not isinstance(data, dict):
        raise WireError("expected an object")
    if streamed and (error := error_of(data)) is not None:
        return Heard([], None, error)
    one = usual(contract, data, choices) if streamed else None
    return Heard([one] if one else said(contract, data, choices, streamed), usage_of(data.get("usage")))


def usual(contract: Contract, data: object, choices: int) -> Said | None:
    """The next piece of one choice's content, as nearly all events are; None for any other event.

    It says the same as `said`, in a third of the time.
    """
    if not isinstance(data, dict):
        return None
    fields = contract.answer_fields
    match data.get("choices"):
        case [dict() as choice] if (
            data.keys() <= fields["body"].named and choice.keys() <= fields["choice"].named
        ):
            delta, index = choice.get("delta"), choice.get("index")
        case _:
            return None
    if type(delta) is not dict or delta.keys() != CONTENT or type(text := delta["content"]) is not str:
        return None
    if type(index) is not int or not 0 <= index < choices or choice.get("finish_reason") is not None:
        return None
    tokens = tokens_of(choice.get("logprobs"))
    return Said(index, [Slot(text_key(index, Channel.CONTENT, 0), text)], tokens=tokens)


def pieces(contract: Contract, choices: int) -> Pieces:
    def alone(data: object) -> Said | None:
        one = usual(contract, data, choices)
        assert isinstance(data, dict)
        alike = one is not None and not one.tokens and usage_of(data.get("usage")) is None
        return one if alike else None

    return Pieces("content", _delta, alone)


def _delta(data: Json) -> Json:
    match data["choices"]:
        case [{"delta": dict(delta)}, *_]:
            return delta
    raise AssertionError("not a usual event")


def said(contract: Contract, data: Json, choices: int, streamed: bool) -> list[Said]:
    body = cleaned(contract, "body", data)
    listed = list_of("choices", body.get("choices"))
    return [_choice(contract, item, choices, streamed) for item in listed]


def _choice(contract: Contract, item: object, choices: int, streamed: bool) -> Said:
    choice = cleaned(contract, "choice", item)
    tokens = tokens_of(item.get("logprobs") if isinstance(item, dict) else None)
    index = choice.get("index", 0)
    if type(index) is not int or not 0 <= index < choices:
        raise WireError("choice: an index that was not asked for")
    finish = finish_of(choice.get("finish_reason"))
    message = cleaned(contract, "message", choice.get("delta" if streamed else "message", {}))
    return Said(index, _message(contract, message, index), finish, tokens)


def _message(contract: Contract, message: Json, choice: int) -> list[Slot]:
    slots = [
        Slot(text_key(choice, channel, part), text_of(name, message[name]))
        for name, channel, part in PROSE
        if name in message
    ]
    if calls := message.get("tool_calls"):
        for place, call in enumerate(list_of("tool_calls", calls)):
            slots += _call(contract, call, choice, place)
    if "function_call" in message:
        slots += _function(contract, message["function_call"], choice, LEGACY_CALL)
    return slots


def _call(contract: Contract, value: object, choice: int, place: int) -> list[Slot]:
    call = cleaned(contract, "tool_call", value)
    index = call.get("index", place)
    if type(index) is not int or not 0 <= index < CALLS:
        raise WireError("tool_call: an index out of range")
    slots: list[Slot] = []
    if "id" in call:
        slots.append(Slot(id_key(choice, index), text_of("tool_call", call["id"]), SlotRole.WHOLE))
    if "function" in call:
        slots += _function(contract, call["function"], choice, index)
    return slots


def _function(contract: Contract, value: object, choice: int, call: int) -> list[Slot]:
    function = cleaned(contract, "function", value)
    slots: list[Slot] = []
    if function.get("name"):
        name = text_of("function", function["name"])
        slots.append(Slot(name_key(choice, call), name, SlotRole.WHOLE))
    if "arguments" in function:
        arguments = text_of("arguments", function["arguments"])
        slots.append(Slot(text_key(choice, Channel.ARGUMENTS, call), arguments))
    return slots
