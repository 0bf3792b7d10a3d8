"""Requests for a message: what the gateway must know of one besides its contract."""

from gateway.config import Limits
from gateway.errors import Json
from gateway.wire.contract import Contract
from gateway.wire.reading import expected, read
from gateway.wire.request import Request, named, parsed, size_of

# By a forced tool, a program reads the answer.
FORCED = frozenset({"any", "tool"})


def read_messages(contract: Contract, raw: bytes, limits: Limits, strip_unknown: bool = False) -> Request:
    value = parsed(raw)
    reading = read(contract, value, strip_unknown, limits.media)
    body = reading.body
    _check(body["messages"], limits)
    return Request(
        body=body,
        segments=reading.segments,
        model=named({"model": body.pop("model", None)}, "model"),
        stream=body.get("stream") is True,
        choices=1,
        include_usage=True,
        machine_read=_machine_read(body),
        size=size_of(reading.segments),
        user=_user(value),
    )


def _check(messages: object, limits: Limits) -> None:
    assert isinstance(messages, list)
    if not messages:
        raise expected("at least one message", ("messages",), "none")
    if len(messages) > limits.messages:
        raise expected(f"at most {limits.messages} messages", ("messages",), str(len(messages)))


def _machine_read(body: Json) -> bool:
    """A forced tool, or a JSON format."""
    tool, output = body.get("tool_choice"), body.get("output_config")
    forced = isinstance(tool, dict) and tool.get("type") in FORCED
    return forced or (isinstance(output, dict) and bool(output.get("format")))


def _user(value: object) -> str | None:
    return named(value.get("metadata"), "user_id") if isinstance(value, dict) else None
