"""Requests that a contract lets through, drawn by hypothesis.

Rule: every field of every shape that is not refused can be drawn, those that are dropped and harmless values
of refused ones too. All texts are innocent.
"""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from gateway.wire.contract import Contract
from gateway.wire.rule import FieldRule, Kind, Treatment, Variants

Draw = Callable[[st.SearchStrategy[Any]], Any]

SAID = """lamp harbour tower window garden bread rain stone river winter paper letter small green and the a of
é über 港町 🌧 {} " 'quoted' \\ <b> 1 42 3.5 – … ;"""
WORDS = SAID.split()
LABELS = ["look", "get_rain", "a-1", "call_7", "x"]
# So deep parts may stand in parts; what is optional is left out below.
DEPTH = 4
FEW = 6

TEXTS = st.lists(st.sampled_from([*WORDS, "\n"]), min_size=1, max_size=8).map(" ".join)
NUMBERS = st.integers(0, 9) | st.sampled_from([0.5, 0.25, -1.5])
LEAVES = TEXTS | NUMBERS | st.booleans() | st.none()
JSON = st.dictionaries(st.sampled_from(LABELS), LEAVES | st.lists(LEAVES, max_size=3), max_size=3)
SIMPLE: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.ANY: JSON | LEAVES,
    Kind.STRING: TEXTS,
    Kind.STRINGS: TEXTS | st.lists(TEXTS, min_size=1, max_size=2),
    Kind.INTEGER: st.integers(1, 3),
    Kind.INTEGERS: st.lists(st.integers(0, 9), max_size=3),
    Kind.NUMBER: NUMBERS,
    Kind.BOOLEAN: st.booleans(),
    Kind.BIASES: st.dictionaries(st.integers(0, 99).map(str), NUMBERS, max_size=3),
    Kind.JSON: JSON | st.lists(JSON, max_size=2),
    Kind.JSON_TEXT: JSON.map(json.dumps) | st.just(""),
}


def requests(contract: Contract) -> st.SearchStrategy[dict[str, Any]]:
    return st.composite(lambda draw: _Drawing(contract, draw).shaped(contract.root, 0))()


class _Drawing:
    def __init__(self, contract: Contract, draw: Draw) -> None:
        self._contract, self._draw = contract, draw

    def shaped(self, shape: str, depth: int) -> dict[str, Any]:
        rules = self._contract.shapes[shape]
        named = {name for name, rule in rules.items() if rule.required}
        others = [name for name in rules if name not in named and self._can(rules[name], depth)]
        if others:
            named |= self._draw(st.sets(st.sampled_from(others), max_size=FEW))
        return {name: self._field(rules[name], depth) for name in rules if name in named}

    def _can(self, rule: FieldRule, depth: int) -> bool:
        return depth < DEPTH or rule.shape is None

    def _field(self, rule: FieldRule, depth: int) -> Any:
        match rule.treatment:
            case Treatment.REFUSED:
                return self._draw(st.sampled_from(rule.harmless))
            case Treatment.STRIPPED if rule.only:
                return list(rule.only)
        if not rule.required and rule.kind is not Kind.ROLE and self._draw(st.integers(0, 19)) == 0:
            return None
        return self._value(rule, depth)

    def _value(self, rule: FieldRule, depth: int) -> Any:
        match rule.kind:
            case Kind.WORD | Kind.ROLE:
                return self._draw(st.sampled_from([*rule.values, *rule.roles]))
            case Kind.STRING if rule.label:
                return self._draw(st.sampled_from(LABELS))
            case Kind.OBJECT:
                return self._told(rule, depth + 1)
            case Kind.LIST:
                return [self._told(rule, depth + 1) for _ in range(self._many(depth))]
            case Kind.TEXT_OR_PARTS if depth >= DEPTH or self._draw(st.booleans()):
                return self._draw(TEXTS)
            case Kind.TEXT_OR_PARTS:
                return [self._told(rule, depth + 1) for _ in range(self._many(depth))]
        return self._draw(SIMPLE[rule.kind])

    def _many(self, depth: int) -> int:
        return 0 if depth >= DEPTH else int(self._draw(st.integers(1, 2)))

    def _told(self, rule: FieldRule, depth: int) -> dict[str, Any]:
        """Of one of the shapes that it may be."""
        assert rule.shape is not None
        told = self._contract.variants.get(rule.shape)
        if told is None:
            return self.shaped(rule.shape, depth)
        said = self._draw(st.sampled_from([*told.of, *([None] if told.otherwise else [])]))
        return self._tagged(told, said, depth)

    def _tagged(self, told: Variants, said: str | None, depth: int) -> dict[str, Any]:
        shape = told.of[said] if said is not None else told.otherwise
        assert shape is not None
        drawn = self.shaped(shape, depth)
        drawn.pop(told.by, None)
        return drawn | ({told.by: said} if said is not None else {})
