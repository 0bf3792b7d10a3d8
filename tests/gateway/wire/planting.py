"""A text planted in every string that a model has, each time in one alone.

Rule: every kind of every part is made, once with all that may stand beside it and once with what must, and
every string of it, closed lists and tags too, is replaced once in each, wherever it stands.
"""

import copy
from collections.abc import Iterator
from typing import Any

from tests.gateway.wire.schema import Node, Schema

DEPTH = 10
# What tells one kind of an object from another, where one model stands for several.
TAG = "type"
CLEAN = "A lamp."

Path = tuple[str | int, ...]


def planted(schema: Node, text: str) -> Iterator[tuple[str, Any]]:
    """Of each string where it stands, and the value with the text in its place."""
    for sparse in (False, True):
        seen: set[str] = set()
        for value in Examples(schema, sparse).of(schema, 0):
            for path in _strings(value):
                where = _named(value, path)
                if where not in seen:
                    seen.add(where)
                    yield where, _with(value, path, text)


class Examples:
    """Values of a schema: the first says all that there is, and each of the others differs in one kind.

    `sparse`: the first says what it must, and numbers, and each of the others one thing more.
    """

    def __init__(self, schema: Node, sparse: bool) -> None:
        self._schema, self._sparse = Schema(schema), sparse

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
                yield from self._object(node, depth)
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

    def _object(self, node: Node, depth: int) -> Iterator[Any]:
        fields = node["properties"]
        kinds = {name: list(self.of(held, depth + 1)) for name, held in fields.items()}
        kinds = {name: values for name, values in kinds.items() if values}
        said = {name: values[0] for name, values in kinds.items()}
        if not self._sparse:
            yield said
            for name, values in kinds.items():
                yield from (said | {name: value} for value in values[1:])
            return
        must = node.get("required", ())
        required = {name: one for name, one in said.items() if name in must or isinstance(one, int)}
        for tag in self._schema.words(fields.get(TAG, {})) or [None]:
            least = required | ({TAG: tag} if tag is not None else {})
            yield least
            for name, values in kinds.items():
                yield from (least | {name: value} for value in values if name != TAG)


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
