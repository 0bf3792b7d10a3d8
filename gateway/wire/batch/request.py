"""Requests of several conversations, each of which has one choice.

Rules: each conversation is read as a chat request is, with all that they have in common. What vLLM does not
do for several (streams, tools, more answers than one) the contract refuses; what is no text, this module.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import accumulate, chain, count

from filters.segment import Segment
from gateway.config import Limits
from gateway.errors import Json
from gateway.wire.answer import list_of
from gateway.wire.chat.request import read_chat_value
from gateway.wire.complaint import expected, kind_of
from gateway.wire.contract import Contract
from gateway.wire.media import MediaRule
from gateway.wire.request import Request, parsed, size_of

MESSAGES = "messages"


def read_batch(contract: Contract, raw: bytes, limits: Limits, strip_unknown: bool = False) -> Request:
    value = parsed(raw)
    if not isinstance(value, dict):
        raise expected("an object", (), kind_of(value))
    conversations = _conversations(value, limits)
    textual = limits.model_copy(update={"media": MediaRule.REFUSE})
    read = [
        read_chat_value(contract, value | {MESSAGES: said}, textual, strip_unknown) for said in conversations
    ]
    segments = tuple(chain.from_iterable(map(_placed, read, count(), _before(read))))
    return replace(
        read[0],
        body=read[0].body | {MESSAGES: [one.body[MESSAGES] for one in read]},
        segments=segments,
        choices=len(read),
        size=size_of(segments),
    )


def _conversations(value: Json, limits: Limits) -> list[object]:
    said = value.get(MESSAGES)
    if not isinstance(said, list) or not 1 <= len(said) <= limits.choices:
        found = str(len(said)) if isinstance(said, list) else kind_of(said)
        raise expected(f"1 to {limits.choices} conversations", (MESSAGES,), found)
    return said


def _before(read: Iterable[Request]) -> Iterator[int]:
    """How many messages stand before those of each."""
    return accumulate((len(list_of(MESSAGES, one.body[MESSAGES])) for one in read), initial=0)


def _placed(read: Request, place: int, before: int) -> Iterator[Segment]:
    """Its segments where they stand among the conversations. What all have in common stands once."""
    for segment in read.segments:
        if segment.path[0] == MESSAGES:
            path, message = (MESSAGES, place, *segment.path[1:]), before + segment.message
            yield replace(segment, path=path, message=message, begins=place)
        elif not place:
            yield segment
