"""Requests with a text planted in one place each, and what becomes of it.

Rule: every place of every model is tried where a client could write something: as a value, as JSON in a
string, and as a key. Beside it stands no more than the model and the contract require.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filters.prompt import PromptScanner
from gateway.errors import ApiError
from gateway.wire.contract import Contract
from gateway.wire.media import MediaRule
from gateway.wire.reading import read
from gateway.wire.rule import Treatment
from policy.action import Action
from policy.policy import Policy
from tests.gateway.running import protection_of
from tests.gateway.wire.schema import Node, Schema

# As deep as the deepest model, without those that hold themselves.
DEPTH = 24
# What a model server needs and a model does not require.
REQUIRED: dict[str, dict[str, Any]] = {"responses": {"input": "Hello!"}}
# A string that is JSON, too.
LEAST = "1"


def scanner_of(policy: Policy, folder: Path) -> PromptScanner:
    protection = protection_of(policy, folder)
    return PromptScanner(protection.snapshot, protection.policy, "demo", datetime.now(UTC))


def planted(schema: Node, text: str) -> Iterator[tuple[str, Any]]:
    """Each place, and a request with the text there."""
    return _Asking(Schema(schema), text).planted(schema, "", ())


def doors(
    contract: Contract, schema: Node, text: str, scanner: PromptScanner, media: MediaRule = MediaRule.REFUSE
) -> tuple[set[str], set[str]]:
    """The places by which the text would reach the model server; of these, those where nothing sees it."""
    reached, unseen = set[str](), set[str]()
    for place, body in planted(schema, text):
        try:
            reading = read(contract, REQUIRED.get(contract.wire, {}) | body, media=media)
        except ApiError:
            continue
        if text in json.dumps(_sent(contract, reading.body), ensure_ascii=False):
            reached.add(place)
            if scanner.scan(reading.segments).action is not Action.REFUSE:
                unseen.add(place)
    return reached, unseen


def _sent(contract: Contract, body: dict[str, Any]) -> dict[str, Any]:
    """What goes on: for what is the gateway's own it sends its own."""
    rules = contract.shapes[contract.root]
    return {name: held for name, held in body.items() if rules[name].treatment is not Treatment.OWNED}


class _Asking:
    def __init__(self, schema: Schema, text: str) -> None:
        self._schema, self._text = schema, text

    def planted(self, node: Node, place: str, way: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
        for each in self._schema.variants(node):
            if way.count(id(each)) or len(way) > DEPTH:
                continue
            match each.get("type"):
                case "object" if "properties" in each:
                    yield from self._in_fields(each, place, (*way, id(each)))
                case "array":
                    inside = self.planted(each.get("items", {}), place + "[]", way)
                    yield from ((at, [value]) for at, value in inside)
                case "object" | None if not self._schema.words(each):
                    yield from self._anywhere(place)
                case "string":
                    yield place, self._text
                    yield place, json.dumps({"a": self._text})

    def _in_fields(self, node: Node, place: str, way: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
        least = self._least(node, ())
        said = self._schema.words(node["properties"].get("type", {}))
        place += f"<{said[0]}>" if said else ""
        for name, held in node["properties"].items():
            for at, value in self.planted(held, f"{place}.{name}".removeprefix("."), way):
                yield at, least | {name: value}
        yield f"{place}.?", least | {self._text: 1}
        yield f"{place}.?", least | {"brand_new": self._text}

    def _anywhere(self, place: str) -> Iterator[tuple[str, Any]]:
        for value in (
            self._text,
            [self._text],
            {"a": self._text},
            {self._text: 1},
            {"a": [{"b": self._text}]},
        ):
            yield place, value

    def _least(self, node: Node, way: tuple[int, ...]) -> Any:
        """The first kind that a value may be, with nothing that could be left out."""
        each = next(self._schema.variants(node))
        words = self._schema.words(each)
        if words:
            return words[0]
        match each.get("type"):
            case "object" if "properties" in each and id(each) not in way:
                fields = each["properties"].items()
                required = each.get("required", ())
                return {
                    name: self._least(held, (*way, id(each))) for name, held in fields if name in required
                }
            case "array":
                return []
            case "string":
                return LEAST
            case "integer" | "number":
                return 1
            case "boolean":
                return True
            case "null":
                return None
        return {}
