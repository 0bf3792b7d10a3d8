"""Chat requests: what the gateway must know of one besides its contract."""

from gateway.config import Limits
from gateway.wire.contract import Contract
from gateway.wire.reading import Reading, expected, read
from gateway.wire.request import Request, formatted, named, parsed, size_of


def read_chat(contract: Contract, raw: bytes, limits: Limits, strip_unknown: bool = False) -> Request:
    return read_chat_value(contract, parsed(raw), limits, strip_unknown)


def read_chat_value(contract: Contract, value: object, limits: Limits, strip_unknown: bool) -> Request:
    reading = read(contract, value, strip_unknown, limits.media)
    _check(reading, limits)
    body = reading.body
    options = body.get("stream_options")
    return Request(
        body=body,
        segments=reading.segments,
        model=_model(body.pop("model", None)),
        stream=body.get("stream") is True,
        choices=_choices(body),
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
        machine_read=_machine_read(body),
        size=size_of(reading.segments),
        user=named(value, "user", "safety_identifier"),
        odds=isinstance(value, dict) and value.get("logprobs") is True,
    )


def _check(reading: Reading, limits: Limits) -> None:
    messages = reading.body["messages"]
    assert isinstance(messages, list)
    if not messages:
        raise expected("at least one message", ("messages",), "none")
    if len(messages) > limits.messages:
        raise expected(f"at most {limits.messages} messages", ("messages",), str(len(messages)))
    if not 1 <= (choices := _choices(reading.body)) <= limits.choices:
        raise expected(f"1 to {limits.choices}", ("n",), "less" if choices < 1 else "more")
    if reading.body.get("stream_options") and reading.body.get("stream") is not True:
        raise expected("none while stream is not true", ("stream_options",), "some")


def _choices(body: dict[str, object]) -> int:
    n = body.get("n")
    return n if isinstance(n, int) else 1


def _model(name: object) -> str | None:
    return name if isinstance(name, str) else None


def _machine_read(body: dict[str, object]) -> bool:
    """A forced tool, a JSON format or a grammar."""
    tool = body.get("tool_choice")
    return bool(
        isinstance(tool, dict)
        or tool == "required"
        or isinstance(body.get("function_call"), dict)
        or formatted(body)
    )
