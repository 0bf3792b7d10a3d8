"""A prompt that LiteLLM shows, as the chat request that it comes from, so that it is read as one.

Rules: every text is said by the one who says it in the messages, or by the user where none does. Whatever
else stands in the messages and calls is scanned beside them: LiteLLM takes no other words for it back, so it
may not have to change.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from gateway.errors import Json
from gateway.strict_json import JsonError, parse
from gateway.wire.litellm.request import Guarding, is_media, parts, unread

USER = "user"
ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
# Said anyway: who speaks, and what the texts are taken from.
SAID = frozenset({"role", "content"})


@dataclass(frozen=True, slots=True)
class Translated:
    """`places` are those of the texts: a message, and which part of it."""

    body: bytes
    beside: int
    places: tuple[tuple[int, int], ...]

    def texts(self, body: Json) -> list[str]:
        """The texts as they stand in this body."""
        messages = body["messages"]
        return [messages[message]["content"][part]["text"] for message, part in self.places]  # type: ignore[index]

    def is_same_beside(self, body: Json) -> bool:
        """Whether all that is no text stands there as it was."""
        ours, theirs = orjson.loads(self.body)["messages"], body["messages"]
        return bool(ours[: self.beside] == theirs[: self.beside])  # type: ignore[index]


def translated(asked: Guarding) -> Translated:
    beside = list(_beside(asked))
    spoken: list[Json] = []
    places: list[tuple[int, int]] = []
    last: int | None = None
    for text, (number, role) in zip(asked.texts, _speakers(asked), strict=True):
        part = {"type": "text", "text": text}
        if number is None or number != last:
            spoken.append({"role": role, "content": [part]})
        else:
            spoken[-1]["content"].append(part)  # type: ignore[attr-defined]
        last = number
        places.append((len(beside) + len(spoken) - 1, len(spoken[-1]["content"]) - 1))  # type: ignore[arg-type]
    # A chat request has at least one message.
    chat: Json = {"messages": [*beside, *spoken] or [{"role": USER, "content": ""}]}
    if asked.tools is not None:
        chat["tools"] = asked.tools
    return Translated(orjson.dumps(chat), len(beside), tuple(places))


def _speakers(asked: Guarding) -> Iterator[tuple[int | None, str]]:
    """Of each text the message that it stands in, and who says that."""
    homes: dict[str, deque[tuple[int, str]]] = defaultdict(deque)
    for number, message in enumerate(asked.messages):
        for text in _contents(message):
            homes[text].append((number, _role(message)))
    for text in asked.texts:
        home = homes.get(text)
        yield home.popleft() if home else (None, USER)


def _contents(message: Json) -> Iterator[str]:
    content = message.get("content")
    if isinstance(content, str):
        yield content
    for part in parts(message):
        text = part.get("text")
        if isinstance(text, str):
            yield text


def _role(message: Json) -> str:
    role = message.get("role")
    return role if isinstance(role, str) and role in ROLES else USER


def _beside(asked: Guarding) -> Iterator[Json]:
    """All that is no text, as what each role brings along."""
    texts, calls = frozenset(asked.texts), frozenset(map(_written, asked.calls))
    for message in asked.messages:
        unshown = [text for text in _contents(message) if text not in texts]
        rest = _rest(message, calls)
        if unshown or rest:
            yield _brought(_role(message), unshown, [rest])
    if shown := [image for image in asked.images if unread(image) is not None]:
        yield _brought(USER, [], [shown])
    if asked.calls:
        yield _brought("assistant", [], [opened(call) for call in asked.calls])


def _brought(role: str, said: list[str], things: list[object]) -> Json:
    return {"role": role, "content": [{"type": "text", "text": text} for text in said], "tools": things}


def _rest(message: Json, calls: frozenset[bytes]) -> Json:
    """What of a message is neither a text nor among the calls."""
    rest = {name: value for name, value in message.items() if name not in SAID}
    if (role := message.get("role")) != _role(message):
        rest["role"] = role
    made = rest.get("tool_calls")
    if isinstance(made, list):
        rest["tool_calls"] = [opened(call) for call in made if _written(call) not in calls]
    content = message.get("content")
    if isinstance(content, list):
        rest["content"] = [left for part in content if (left := _left(part))]
    elif not isinstance(content, str):
        rest["content"] = content
    return {name: value for name, value in rest.items() if value}


def _left(part: object) -> object:
    """What of a part is no text. Data of media pass unread, or the request is not read at all."""
    if not isinstance(part, dict):
        return part
    if is_media(part):
        return unread(part)
    told = {name: value for name, value in part.items() if name != "text" or not isinstance(value, str)}
    return None if told == {"type": "text"} else told


def opened(call: object) -> object:
    """A call with its arguments as what their JSON says: escapes in it would hide words."""
    if not isinstance(call, dict) or not isinstance(function := call.get("function"), dict):
        return call
    return {**call, "function": {**function, "arguments": _opened(function.get("arguments"))}}


def _opened(arguments: object) -> object:
    if not isinstance(arguments, str):
        return arguments
    try:
        return parse(arguments.encode())
    except (JsonError, UnicodeEncodeError):
        return arguments


def _written(call: object) -> bytes:
    return orjson.dumps(call, option=orjson.OPT_SORT_KEYS)
