"""Where a text completion holds text, in an event of a stream and in a whole body: once in every choice."""

from gateway.errors import Json
from gateway.wire.answer import (
    Heard,
    Said,
    Slot,
    WireError,
    cleaned,
    error_of,
    finish_of,
    list_of,
    text_of,
)
from gateway.wire.contract import Contract
from gateway.wire.keys import text_key
from gateway.wire.pieces import Pieces
from gateway.wire.usage import usage_of
from policy.surface import Channel


def understood(contract: Contract, data: object, choices: int, streamed: bool) -> Heard:
    if streamed and (error := error_of(data)) is not None:
        return Heard([], None, error)
    body = cleaned(contract, "body", data)
    listed = list_of("choices", body.get("choices"))
    return Heard([_choice(contract, item, choices) for item in listed], usage_of(body.get("usage")))


def pieces(contract: Contract, choices: int) -> Pieces:
    def alone(data: object) -> Said | None:
        """An event that says the next piece of one text, and nothing else."""
        match understood(contract, data, choices, streamed=True):
            case Heard([Said(finish=None, slots=[_]) as one], usage=None):
                return one
        return None

    return Pieces("text", _holder, alone)


def _holder(data: Json) -> Json:
    match data["choices"]:
        case [dict(choice)]:
            return choice
    raise AssertionError("not a piece of one text")


def _choice(contract: Contract, item: object, choices: int) -> Said:
    choice = cleaned(contract, "choice", item)
    index = choice.get("index", 0)
    if type(index) is not int or not 0 <= index < choices:
        raise WireError("choice: an index that was not asked for")
    key = text_key(index, Channel.CONTENT, 0)
    said = [Slot(key, text_of("text", choice["text"]))] if "text" in choice else []
    return Said(index, said, finish_of(choice.get("finish_reason")))
