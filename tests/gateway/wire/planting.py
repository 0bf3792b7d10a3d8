"""A text planted in every string that a model has, each time in one alone.

Rule: every kind of every part is made once, and every string of it, closed lists and tags too, is replaced
once, wherever it stands.
"""

import copy
from collections.abc import Iterator
from typing import Any

from tests.gateway.wire.schema import Node, Schema

DEPTH = 7
CLEAN = "A lamp."

Path = tuple[str | int, ...]


def planted(schema: Node, text: str) -> Iterator[tuple[str, Any]]:
    """Of each string where it stands, and the value with the text in its place."""
    seen: set[str] = set()
    for value in Examples(schema).of(schema, 0):
        for path in _strings(value):
            where = _named(value, path)
            if where not in seen:
                seen.add(where)
                yield where, _with(value, path, text)


class Examples:
    """Values of a schema: the first says all that there is, and each of the others differs in one kind."""

    def __init__(self, schema: Node) -> None:
        self._schema = Schema(schema)

    def of(self, node: Node, depth: int) -> Iterator[Any]:
        kinds = [each for each in self._schema.variants(node) if each.get("type") != "null"]
        for each in kinds if depth < DEPTH else []:
            yield from self._one(each, depth)

    def _one(self, node: Node, depth: int) -> Iterator[Any]:
        if words := self._schema.words(node):
            yield words[0]
            return
        match node.get("type"):
            case "object" if "properties" in node:
                yield from self._object(node["properties"], depth)
            case "array":
                yield from ([item] for item in self.of(node.get("items", {}), depth + 1))
            case "string":
                yield CLEAN
            case "integer" | "number":
                yield 0
            case "boolean":
                yield False
            case _:
                yield {"more": CLEAN}

    def _object(self, fields: Node, depth: int) -> Iterator[Any]:
        kinds = {name: list(self.of(node, depth + 1)) for name, node in fields.items()}
        first = {name: values[0] for name, values in kinds.items() if values}
        yield first
        for name, values in kinds.items():
            yield from (first | {name: value} for value in values[1:])


def _strings(value: Any, path: Path = ()) -> Iterator[Path]:
    match value:
        case str():
            yield path
        case dict():
            for name, item in value.items():
                yield from _strings(item, (*path, name))
        case list():
            for place, item in enumerate(value):
                yield from _strings(item, (*path, place))


def _named(value: Any, path: Path) -> str:
    """The path, with the kind of each object on the way. Events that hold the same are one."""
    said = ""
    for place, step in enumerate(path):
        if place == 1 and path[0] == "response":
            said = "response"
        kind = value.get("type") if isinstance(value, dict) else None
        said += (f"<{kind}>" if isinstance(kind, str) else "") + f".{step}"
        value = value[step]
    return said


def _with(value: Any, path: Path, text: str) -> Any:
    value = copy.deepcopy(value)
    node = value
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = text
    return value
