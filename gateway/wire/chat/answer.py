"""Where a chat answer holds text, in a chunk of a stream and in a whole body.

Rule: what is sent is built anew from fields that the contract names. Text stands in slots only, and a slot's
text is replaced by what the guard releases.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import orjson

from filters.answer_guard import PLAIN_PART, TextKey
from gateway.errors import Json
from gateway.wire.contract import Contract
from policy.surface import Channel

CALLS = 128
LEGACY_CALL = PLAIN_PART - 1
FINISHES = frozenset({"stop", "length", "tool_calls", "function_call", "content_filter"})
COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")

PROSE = (
    ("reasoning", Channel.REASONING, 0),
    ("reasoning_content", Channel.REASONING, 1),
    ("content", Channel.CONTENT, 0),
    ("refusal", Channel.REFUSAL, 0),
)

CONTENT = {"content"}

At = tuple[str | int, ...]

# The same few keys come with every event.
text_key = lru_cache(maxsize=1024)(TextKey)


class WireError(ValueError):
    """The model server sent what cannot be checked. Says what, without the text."""


class Slot(NamedTuple):
    """A piece of one text and where it stands. `whole`: a name or an id, released whole or not at all."""

    key: TextKey
    at: At
    text: str
    whole: bool = False


@dataclass(slots=True)
class Said:
    """What one choice says in one event, or in all of a whole answer."""

    choice: int
    message: Json
    slots: list[Slot] = field(default_factory=list)
    finish: str | None = None


class Heard(NamedTuple):
    """What the model server says in one event, or in one body. `error` is its text where it told one."""

    said: list[Said]
    usage: Json | None = None
    error: str | None = None


def heard(contract: Contract, raw: bytes, choices: int, streamed: bool) -> Heard:
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise WireError("is not JSON") from None
    return understood(contract, data, choices, streamed)


def understood(contract: Contract, data: object, choices: int, streamed: bool) -> Heard:
    if not isinstance(data, dict):
        raise WireError("expected an object")
    if streamed and (error := data.get("error")) is not None:
        message = error.get("message") if isinstance(error, dict) else error
        return Heard([], None, message if isinstance(message, str) else "")
    one = usual(contract, data, choices) if streamed else None
    return Heard([one] if one else said(contract, data, choices, streamed), usage(data))


def usual(contract: Contract, data: Json, choices: int) -> Said | None:
    """The next piece of one choice's content, as nearly all events are; None for any other event.

    It says the same as `said`, in a third of the time.
    """
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
    return piece(index, text)


def piece(choice: int, text: str) -> Said:
    """The next piece of one choice's content."""
    slot = Slot(text_key(choice, Channel.CONTENT, 0), ("content",), text)
    return Said(choice, {"content": ""}, [slot])


def said(contract: Contract, data: Json, choices: int, streamed: bool) -> list[Said]:
    body = cleaned(contract, "body", data)
    listed = body.get("choices")
    if not isinstance(listed, list):
        raise WireError("choices: expected a list")
    return [_choice(contract, item, choices, streamed) for item in listed]


def cleaned(contract: Contract, shape: str, value: object) -> Json:
    """The fields that the contract sends on. A field it does not name is an error when it holds text."""
    if not isinstance(value, dict):
        raise WireError(f"{shape}: expected an object")
    named, read = contract.answer_fields[shape]
    kept: Json = {}
    for name, held in value.items():
        if name in read:
            if held is not None:
                kept[name] = held
        elif name not in named and holds_text(held):
            raise WireError(f"{shape}: a field that the contract does not name holds text")
    return kept


def holds_text(value: object) -> bool:
    """Whether a string with something in it stands anywhere; JSON may be deeper than calls can be."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text if text:
                return True
            case list() as items:
                waiting += items
            case dict() as fields:
                waiting += fields.values()
    return False


def _choice(contract: Contract, item: object, choices: int, streamed: bool) -> Said:
    choice = cleaned(contract, "choice", item)
    index = choice.get("index", 0)
    if type(index) is not int or not 0 <= index < choices:
        raise WireError("choice: an index that was not asked for")
    found = Said(index, {}, finish=_finish(choice.get("finish_reason")))
    message = choice.get("delta" if streamed else "message", {})
    _message(contract, cleaned(contract, "message", message), found)
    return found


def _finish(reason: object) -> str | None:
    if reason is None:
        return None
    if not isinstance(reason, str) or reason == "error":
        raise WireError("choice: ended with an error")
    return reason if reason in FINISHES else "stop"


def _message(contract: Contract, message: Json, found: Said) -> None:
    for name, channel, part in PROSE:
        if name in message:
            _slot(found, text_key(found.choice, channel, part), (name,), message[name])
    if calls := message.get("tool_calls"):
        if not isinstance(calls, list):
            raise WireError("tool_calls: expected a list")
        found.message["tool_calls"] = [
            _call(contract, call, place, ("tool_calls", place), found) for place, call in enumerate(calls)
        ]
    if "function_call" in message:
        found.message["function_call"] = _function(
            contract, message["function_call"], LEGACY_CALL, ("function_call",), found
        )


def _call(contract: Contract, value: object, place: int, at: At, found: Said) -> Json:
    call = cleaned(contract, "tool_call", value)
    index = call.get("index", place)
    if type(index) is not int or not 0 <= index < CALLS:
        raise WireError("tool_call: an index out of range")
    kept: Json = {"index": index}
    if "id" in call:
        _whole(found, 2 * index + 1, (*at, "id"), call["id"])
        kept |= {"id": call["id"], "type": "function"}
    if "function" in call:
        kept["function"] = _function(contract, call["function"], index, (*at, "function"), found)
    return kept


def _function(contract: Contract, value: object, index: int, at: At, found: Said) -> Json:
    function = cleaned(contract, "function", value)
    kept: Json = {}
    if function.get("name"):
        _whole(found, 2 * index, (*at, "name"), function["name"])
        kept["name"] = function["name"]
    if "arguments" in function:
        kept["arguments"] = ""
        _slot(
            found, TextKey(found.choice, Channel.ARGUMENTS, index), (*at, "arguments"), function["arguments"]
        )
    return kept


def _slot(found: Said, key: TextKey, at: At, text: object) -> None:
    if not isinstance(text, str):
        raise WireError(f"{at[0]}: expected a string")
    found.slots.append(Slot(key, at, text))
    if len(at) == 1:
        found.message[str(at[0])] = ""


def _whole(found: Said, part: int, at: At, text: object) -> None:
    if not isinstance(text, str):
        raise WireError("tool_call: expected strings")
    found.slots.append(
        Slot(TextKey(found.choice, Channel.ARGUMENTS, PLAIN_PART + part), at, text, whole=True)
    )


def put(message: Json, at: At, text: str) -> None:
    node: object = message
    for step in at[:-1]:
        assert isinstance(node, dict | list)
        node = node[step]  # type: ignore[index]
    assert isinstance(node, dict)
    node[at[-1]] = text


def says_something(value: object) -> bool:
    """Whether a delta, or a part of one, is worth sending: what holds nothing but held text is not."""
    match value:
        case str():
            return bool(value)
        case list():
            return any(map(says_something, value))
        case dict():
            return any(map(says_something, value.values()))
    return False


def delta(key: TextKey, text: str) -> Json:
    """The next piece of one text, as a delta of its own."""
    match key.channel:
        case Channel.CONTENT:
            return {"content": text}
        case Channel.REFUSAL:
            return {"refusal": text}
        case Channel.REASONING:
            return {"reasoning_content" if key.part else "reasoning": text}
        case Channel.ARGUMENTS if key.part == LEGACY_CALL:
            return {"function_call": {"arguments": text}}
        case Channel.ARGUMENTS:
            return {"tool_calls": [{"index": key.part, "function": {"arguments": text}}]}


def usage(data: Json) -> Json | None:
    """Numbers only; the rest of a usage could tell what other clients asked."""
    found = data.get("usage")
    if not isinstance(found, dict):
        return None
    kept: Json = {name: found[name] for name in COUNTS if type(found.get(name)) is int}
    details = found.get("completion_tokens_details")
    if isinstance(details, dict) and type(details.get("reasoning_tokens")) is int:
        kept["completion_tokens_details"] = {"reasoning_tokens": details["reasoning_tokens"]}
    return kept or None
