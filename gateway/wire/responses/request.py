"""Requests for a response: what the gateway must know of one besides its contract."""

from gateway.config import Limits
from gateway.errors import Json
from gateway.wire.contract import Contract
from gateway.wire.reading import expected, read
from gateway.wire.request import Request, named, parsed, size_of

# What an answer says again of its request: nothing that can hold text.
REPEATED = ("temperature", "top_p", "max_output_tokens", "parallel_tool_calls")


def read_responses(contract: Contract, raw: bytes, limits: Limits, strip_unknown: bool = False) -> Request:
    value = parsed(raw)
    reading = read(contract, value, strip_unknown, limits.media)
    body = reading.body
    _check(body["input"], limits)
    return Request(
        body=body,
        segments=reading.segments,
        model=named({"model": body.pop("model", None)}, "model"),
        stream=body.get("stream") is True,
        choices=1,
        include_usage=True,
        machine_read=_machine_read(body),
        size=size_of(reading.segments),
        user=named(value, "user", "safety_identifier"),
        repeated={name: body[name] for name in REPEATED if body.get(name) is not None},
    )


def _check(said: object, limits: Limits) -> None:
    if isinstance(said, list) and len(said) > limits.messages:
        raise expected(f"at most {limits.messages} items", ("input",), str(len(said)))
    if not said:
        raise expected("at least one item", ("input",), "none")


def _machine_read(body: Json) -> bool:
    """A forced tool, a JSON format or a grammar."""
    text, tool = body.get("text"), body.get("tool_choice")
    form = text.get("format") if isinstance(text, dict) else None
    kind = form.get("type") if isinstance(form, dict) else None
    return bool(
        isinstance(tool, dict)
        or tool == "required"
        or body.get("structured_outputs")
        or (form is not None and kind != "text")
    )
