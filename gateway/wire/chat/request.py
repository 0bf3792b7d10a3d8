"""Chat requests: what the gateway must know of one besides its contract."""

from dataclasses import dataclass, replace

from filters.prompt import Segment
from gateway.config import Limits
from gateway.errors import bad_request
from gateway.strict_json import JsonError, parse
from gateway.wire.contract import Contract
from gateway.wire.reading import Reading, expected, read


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """`body` is what goes on. `machine_read`: a program parses the answer, so prose must not stand in it.

    `size` counts the characters of all segments. `user`: who asks, as the client names them; it goes nowhere.
    """

    body: dict[str, object]
    segments: tuple[Segment, ...]
    model: str | None
    stream: bool
    choices: int
    include_usage: bool
    machine_read: bool
    size: int
    user: str | None = None

    def without_texts(self) -> "ChatRequest":
        """What it wants, and nothing of what it says."""
        return replace(self, body={}, segments=())


def read_chat(contract: Contract, raw: bytes, limits: Limits, strip_unknown: bool = False) -> ChatRequest:
    try:
        value = parse(raw)
    except JsonError as error:
        raise bad_request(f"The body: {error}.", code="invalid_json") from None
    reading = read(contract, value, strip_unknown)
    _check(reading, limits)
    body = reading.body
    options = body.get("stream_options")
    return ChatRequest(
        body=body,
        segments=reading.segments,
        model=_model(body.pop("model", None)),
        stream=body.get("stream") is True,
        choices=_choices(body),
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
        machine_read=_machine_read(body),
        size=sum(len(segment.text) for segment in reading.segments),
        user=_user(value),
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
    form = body.get("response_format")
    kind = form.get("type") if isinstance(form, dict) else None
    tool = body.get("tool_choice")
    return bool(
        isinstance(tool, dict)
        or tool == "required"
        or isinstance(body.get("function_call"), dict)
        or body.get("structured_outputs")
        or (form is not None and kind != "text")
    )


def _user(body: object) -> str | None:
    """Its older and its newer name; no contract lets either through."""
    if isinstance(body, dict):
        for name in (body.get("user"), body.get("safety_identifier")):
            if isinstance(name, str) and name:
                return name
    return None
