"""What a client got for one request: every string of it, wherever it stood.

Pieces that a stream cut are put together again field by field, and so are the tokens of a list, because a
reader would do the same. Nothing is left out: an error's body, a finish reason or a tool's argument can tell
as much as the content.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Path = tuple[str, ...]
_NUMBERED: Final = ("choices", "tool_calls")


@dataclass(frozen=True, slots=True)
class Reply:
    """The strings of one answer by the path of their field. `id` is what its header calls the request."""

    status: int
    fields: Mapping[Path, str] = field(default_factory=dict)
    id: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(self.fields.values())

    @property
    def said(self) -> str:
        """The content of the first choice, which an attack may quote or build on."""
        return self.fields.get(("choices", "0", "content"), "")

    @property
    def contents(self) -> tuple[str, ...]:
        """The content of every choice."""
        return tuple(
            text for path, text in self.fields.items() if path[0] == "choices" and path[2:] == ("content",)
        )


def read_whole(status: int, body: bytes) -> Reply:
    """An answer in one piece. What is not JSON counts as it stands."""
    return _joined(status, [body])


def read_stream(status: int, events: Iterable[bytes]) -> Reply:
    """An answer in events, each the text behind `data: `."""
    return _joined(status, events)


def events(body: bytes) -> list[bytes]:
    """The events of a stream that was read as a whole."""
    lines = body.replace(b"\r\n", b"\n").split(b"\n")
    return [line.removeprefix(b"data:").strip() for line in lines if line.startswith(b"data:")]


def _joined(status: int, parts: Iterable[bytes]) -> Reply:
    fields: dict[Path, str] = {}
    for part in parts:
        for path, text in _strings(_parsed(part), ()):
            fields[path] = fields.get(path, "") + text
    return Reply(status, fields)


def _parsed(part: bytes) -> Any:
    try:
        return json.loads(part)
    except ValueError:
        return part.decode("utf-8", "replace")


def _strings(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    match value:
        case str():
            yield path, value
        case dict():
            for name, item in value.items():
                # A message and a delta are the same thing, whole and in pieces.
                yield from _strings(item, path if name in ("message", "delta") else (*path, name))
        case list():
            for place, item in enumerate(value):
                yield from _strings(item, (*path, *_number(item, place, path)))


def _number(item: Any, place: int, path: Path) -> Path:
    """Choices and calls are told apart; the items of any other list are one text."""
    if not path or path[-1] not in _NUMBERED:
        return ()
    return (str(item.get("index", place)) if isinstance(item, dict) else str(place),)
