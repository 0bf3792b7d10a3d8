"""What a model server says, and what a client is told, without the form of any API.

Rules: text stands in slots only, and a slot's text is replaced by what the guard releases. What says a text
in another form (log probabilities, token ids) is no slot: it is dropped, but for numbers. A field that no
contract names is an error when it holds text.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from filters.answer_guard import TextKey
from gateway.errors import Json
from gateway.wire.contract import Contract


class WireError(ValueError):
    """The model server sent what cannot be checked. Says what, without the text."""


class SlotRole(StrEnum):
    """DELTA: the next piece of a text. WHOLE: a name or an id, released whole or not at all. SNAPSHOT: a text
    said once more; it counts only where nothing of it came before. END: no more will come of it.
    """

    DELTA = "delta"
    WHOLE = "whole"
    SNAPSHOT = "snapshot"
    END = "end"


class Slot(NamedTuple):
    key: TextKey
    text: str
    role: SlotRole = SlotRole.DELTA


class Token(NamedTuple):
    """One that was said: its bytes are compared with the text and never sent."""

    data: bytes
    logprob: float


class Said(NamedTuple):
    """What one choice says in one event, or in all of a whole answer. `finish` is of the closed list.
    `tokens` are those of all of it, where the model server tells them.
    """

    choice: int
    slots: list[Slot]
    finish: str | None = None
    tokens: tuple[Token, ...] = ()


class Heard(NamedTuple):
    """What the model server says in one event, or in one body. `error` is its text where it told one, and
    `over` says that no event follows.
    """

    said: list[Said]
    usage: Json | None = None
    error: str | None = None
    over: bool = False


# What is released of some texts, each with its key.
Texts = tuple[tuple[TextKey, str], ...]

FINISHES = frozenset({"stop", "length", "tool_calls", "function_call", "content_filter"})


@dataclass(frozen=True, slots=True)
class Choice:
    """What a client gets of one choice, all of it."""

    index: int
    texts: Texts
    finish: str


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


def told_apart(contract: Contract, name: str, value: object) -> tuple[str, Json]:
    """Of several shapes: which one a value is, by the field that tells, and its fields as above."""
    told = contract.answer_variants[name]
    kind = value.get(told.by) if isinstance(value, dict) else None
    shape = told.of.get(kind) if isinstance(kind, str) else None
    if not isinstance(kind, str) or shape is None:
        raise WireError(f"{name}: of a kind that the contract does not name")
    return kind, cleaned(contract, shape, value)


def error_of(data: object) -> str | None:
    """What an event says that is an error; it may say nothing."""
    error = data.get("error") if isinstance(data, dict) else None
    if error is None:
        return None
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) else ""


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


def finish_of(reason: object) -> str | None:
    if reason is None:
        return None
    if not isinstance(reason, str) or reason == "error":
        raise WireError("choice: ended with an error")
    return reason if reason in FINISHES else "stop"


def text_of(what: str, value: object) -> str:
    if not isinstance(value, str):
        raise WireError(f"{what}: expected a string")
    return value


def list_of(what: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise WireError(f"{what}: expected a list")
    return value
