"""What LiteLLM asks to have guarded: the texts of a prompt, or those of an answer.

Rule: an unknown field is refused, because it may hold text. Who says that a guardrail may be skipped is not
heard: a client of LiteLLM can send such words along.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.errors import Json, bad_request
from gateway.strict_json import JsonError, parse
from gateway.wire.contract import Contract
from gateway.wire.media import ADDRESS, DATA, MediaRule, is_data
from gateway.wire.reading import expected, kind_of, read

# More than any honest answer has; the guard itself has a limit.
TEXTS = 512
# Shorter strings are words, whatever letters they are of.
LONG = 256
# Parts of a message in which no guardrail is shown a text.
MEDIA = frozenset(
    {"image", "image_url", "input_image", "audio", "audio_url", "input_audio", "video_url", "file",
     "input_file", "document"}
)  # fmt: skip
# Who asks, the surest first: LiteLLM's own users, its keys, and those whom a client names.
CALLERS = ("user_api_key_user_id", "user_api_key_hash", "user_api_key_end_user_id")


@dataclass(frozen=True, slots=True)
class Guarding:
    """`media`: how they come, if there are any. `call` is the same for a prompt and its answer, `trace` for a
    conversation. `user`: who asks.
    """

    is_answer: bool
    texts: tuple[str, ...]
    messages: tuple[Json, ...]
    tools: object
    calls: tuple[object, ...]
    images: tuple[str, ...]
    media: MediaRule
    call: str | None
    trace: str | None
    user: str | None


def read_guarding(contract: Contract, raw: bytes, strip_unknown: bool = False) -> Guarding:
    try:
        value = parse(raw)
    except JsonError as error:
        raise bad_request(f"The body: {error}.", code="invalid_json") from None
    body = read(contract, value, strip_unknown).body
    messages = tuple(_messages(body.get("structured_messages")))
    texts = tuple(_strings(body.get("texts"), "texts"))
    calls = tuple(_list(body.get("tool_calls"), "tool_calls"))
    images = tuple(_strings(body.get("images"), "images"))
    if body["input_type"] == "response" and len(texts) + len(calls) > TEXTS:
        raise expected(f"at most {TEXTS} texts of an answer", ("texts",), "more")
    return Guarding(
        is_answer=body["input_type"] == "response",
        texts=texts,
        messages=messages,
        tools=body.get("tools"),
        calls=calls,
        images=images,
        media=_media([*images, *filter(is_media, _parts(messages))]),
        call=_string(body.get("litellm_call_id")),
        trace=_string(body.get("litellm_trace_id")),
        user=_caller(body.get("request_data")),
    )


def parts(message: Json) -> list[Json]:
    """Those of a content that has parts."""
    content = message.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _media(found: Sequence[object]) -> MediaRule:
    """What an operator must allow: nothing, data, or addresses, too."""
    if not found:
        return MediaRule.REFUSE
    return MediaRule.ANY if any(map(ADDRESS.match, strings(unread(found)))) else MediaRule.INLINE


def is_media(part: Json) -> bool:
    kind = part.get("type")
    return isinstance(kind, str) and kind in MEDIA


def unread(value: object) -> object:
    """What is left of it without data of media: words, and addresses."""
    match value:
        case str():
            is_media = is_data(value) and (DATA.match(value) is not None or len(value) > LONG)
            return None if is_media else value
        case list():
            return [unread(item) for item in value]
        case dict():
            return {name: unread(item) for name, item in value.items()}
    return value


def strings(value: object) -> Iterator[str]:
    """Every string anywhere in some JSON, keys too."""
    waiting = deque([value])
    while waiting:
        match waiting.popleft():
            case str() as text if text:
                yield text
            case list() as items:
                waiting += items
            case dict() as fields:
                waiting += fields.keys()
                waiting += fields.values()


def _parts(messages: tuple[Json, ...]) -> Iterator[Json]:
    for message in messages:
        yield from parts(message)


def _messages(value: object) -> Iterator[Json]:
    for place, message in enumerate(_list(value, "structured_messages")):
        if not isinstance(message, dict):
            raise expected("an object", ("structured_messages", place), kind_of(message))
        yield message


def _strings(value: object, name: str) -> list[str]:
    """A string alone would be taken for a list of its letters by nobody; it is no list."""
    return [text for text in _list(value, name) if isinstance(text, str)]


def _list(value: object, name: str) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise expected("a list", (name,), kind_of(value))
    return value


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _caller(data: object) -> str | None:
    named = [data.get(name) for name in CALLERS] if isinstance(data, dict) else []
    found = [name for name in named if isinstance(name, str) and name]
    return "/".join(found) or None
