"""What the gateway must know of a request, by whatever API it came."""

from dataclasses import dataclass, field, replace
from hashlib import blake2b

from filters.prompt import Segment
from gateway.errors import Json, bad_request
from gateway.strict_json import JsonError, parse
from policy.surface import Role


@dataclass(frozen=True, slots=True)
class Request:
    """`body` is what goes on. `machine_read`: a program parses the answer, so prose must not stand in it.

    `size` counts the characters of all segments. `user`: who asks, as the client names them; it goes nowhere.
    `repeated` is what the answer says again of it, which holds no text. `odds`: how likely its tokens were is
    asked for, by an API that can tell it. `start`: a digest of what the user said first, where it was read
    elsewhere.
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
    repeated: Json = field(default_factory=dict)
    odds: bool = False
    start: str = ""

    @property
    def began(self) -> str:
        """The same in every request of one conversation."""
        return self.start or _digest(next((one.text for one in self.segments if one.role is Role.USER), ""))

    def without_texts(self) -> "Request":
        """What it wants, and nothing of what it says."""
        return replace(self, body={}, segments=(), start=self.began)


def parsed(raw: bytes) -> object:
    """The body as a value."""
    try:
        return parse(raw)
    except JsonError as error:
        raise bad_request(f"The body: {error}.", code="invalid_json") from None


def formatted(body: dict[str, object]) -> bool:
    """Whether the answer must have the form of JSON, or of a grammar."""
    form = body.get("response_format")
    kind = form.get("type") if isinstance(form, dict) else None
    return bool(body.get("structured_outputs") or (form is not None and kind != "text"))


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def size_of(segments: tuple[Segment, ...]) -> int:
    return sum(len(segment.text) for segment in segments)


def named(value: object, *names: str) -> str | None:
    """What the first of these fields says that says something."""
    if isinstance(value, dict):
        for said in map(value.get, names):
            if isinstance(said, str) and said:
                return said
    return None
