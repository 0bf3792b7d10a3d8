"""What an answer says, in a form that is the same however it came.

Rule: a stream is all that its events say, place by place: a text is put together from its pieces, of a
number the last one counts, and any other word stands once. Where the API names its events, their order
counts, but for the pieces of one text.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from gateway.wire.contract import Contract
from tests.gateway.alike.let_through import Text, coming_back

Place = tuple[str | int, ...]


def whole(contract: Contract, raw: bytes) -> Any:
    return coming_back(contract, json.loads(raw))


def events(raw: bytes) -> list[Any]:
    """All but the last one of those that end in one that is no JSON."""
    lines = (line for line in raw.split(b"\n") if line.startswith(b"data: "))
    return [json.loads(line[6:]) for line in lines if line != b"data: [DONE]"]


def streamed(contract: Contract, raw: bytes) -> dict[Place, Any]:
    return streamed_of(contract, events(raw))


def streamed_of(contract: Contract, listed: Iterable[Any]) -> dict[Place, Any]:
    found: dict[Place, Any] = {}
    for event in listed:
        told = coming_back(contract, event, contract.event)
        for place, value in _leaves(told, (event.get("type", ""),)):
            _add(found, place, value)
    return {place: value for place, value in found.items() if value != ""}


def order(raw: bytes) -> list[tuple[Any, ...]]:
    """Of events that say what they are. Pieces of a text may be more, or fewer."""
    named = [
        (event["type"], event.get("output_index", event.get("index")))
        for event in events(raw)
        if "type" in event and not _piece(event["type"])
    ]
    return [each for each, _ in groupby(named)]


def _piece(kind: str) -> bool:
    return kind.endswith(".delta") or kind in ("content_block_delta", "ping")


def _add(found: dict[Place, Any], place: Place, value: Any) -> None:
    if isinstance(value, Text):
        found[place] = found.get(place, "") + value
    elif isinstance(value, int | float):
        found[place] = value
    elif value not in (said := found.setdefault(place, [])):
        said.append(value)


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    match value:
        case dict():
            place += tuple(_numbers(value))
            for name, held in value.items():
                if not name.endswith("index"):
                    yield from _leaves(held, (*place, name))
        case list():
            for at, held in enumerate(value):
                numbered = isinstance(held, dict) and any(_numbers(held))
                yield from _leaves(held, place if numbered else (*place, at))
        case _:
            yield place, value


def _numbers(value: dict[str, Any]) -> Iterable[int]:
    """Which choice, item, part or call it is about."""
    return (held for name, held in sorted(value.items()) if name.endswith("index"))
