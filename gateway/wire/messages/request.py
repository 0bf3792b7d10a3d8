"""Requests for a message: what the gateway must know of one besides its contract.

Rule: engines print all system texts behind each other, wherever they stand, and leave some out.
"""

from collections.abc import Iterator

from filters.segment import Segment
from gateway.config import Limits
from gateway.errors import Json
from gateway.wire.answer import list_of
from gateway.wire.contract import Contract
from gateway.wire.cut_words import whole_text
from gateway.wire.reading import DECODED, expected, read
from gateway.wire.request import Request, named, parsed, size_of
from policy.surface import Role

# By a forced tool, a program reads the answer.
FORCED = frozenset({"any", "tool"})
# What begins so is left out of the system's texts.
HEADER = "x-anthropic-billing-header"


def read_messages(contract: Contract, raw: bytes, limits: Limits, strip_unknown: bool = False) -> Request:
    value = parsed(raw)
    reading = read(contract, value, strip_unknown, limits.media)
    body = reading.body
    _check(body["messages"], limits)
    segments = (*_system(body), *reading.segments)
    return Request(
        body=body,
        segments=segments,
        model=named({"model": body.pop("model", None)}, "model"),
        stream=body.get("stream") is True,
        choices=1,
        include_usage=True,
        machine_read=_machine_read(body),
        size=size_of(segments),
        user=_user(value),
    )


def _check(messages: object, limits: Limits) -> None:
    assert isinstance(messages, list)
    if not messages:
        raise expected("at least one message", ("messages",), "none")
    if len(messages) > limits.messages:
        raise expected(f"at most {limits.messages} messages", ("messages",), str(len(messages)))


def _system(body: Json) -> Iterator[Segment]:
    """All that the system says, where a word is cut over two of its texts."""
    told = [{"role": "system", "content": body.get("system")}, *list_of("messages", body["messages"])]
    said = (text for message in told for text in _texts(message) if not text.startswith(HEADER))
    if whole := whole_text(said):
        yield Segment(Role.SYSTEM, whole, -1, ("system", DECODED))


def _texts(message: object) -> Iterator[str]:
    if isinstance(message, dict) and message.get("role") == "system":
        content = message.get("content")
        for block in content if isinstance(content, list) else [{"text": content}]:
            if isinstance(text := block.get("text"), str):
                yield text


def _machine_read(body: Json) -> bool:
    """A forced tool, or a JSON format."""
    tool, output = body.get("tool_choice"), body.get("output_config")
    forced = isinstance(tool, dict) and tool.get("type") in FORCED
    return forced or (isinstance(output, dict) and bool(output.get("format")))


def _user(value: object) -> str | None:
    return named(value.get("metadata"), "user_id") if isinstance(value, dict) else None
