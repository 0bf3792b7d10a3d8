"""Every field that a contract calls scanned is: a forgotten window in it is seen, whatever API it is of."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from filters.prompt import PromptScanner
from gateway.wire.contract import Contract, load_contract, wires
from gateway.wire.reading import read
from gateway.wire.rule import NESTED, FieldRule, Kind, Treatment
from policy.action import Action
from tests.gateway.running import CRANE, policy_of
from tests.gateway.test_leaks import WINDOWS
from tests.gateway.wire.asking import scanner_of

TEXT = WINDOWS[10]
SENT = (Treatment.SCANNED, Treatment.PASSED)

Leaf = tuple[str, str]


class Bodies:
    """Requests by a contract alone, each with the text in one scanned field of one shape."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def of(self, shape: str, way: tuple[str, ...] = ()) -> Iterator[tuple[Leaf, dict[str, Any]]]:
        if shape in way:
            return
        for name, rule in self._contract.shapes[shape].items():
            if rule.treatment in SENT:
                for leaf, value in self._values((shape, name), rule, (*way, shape)):
                    yield leaf, self._least(shape) | {name: value}

    def _values(self, leaf: Leaf, rule: FieldRule, way: tuple[str, ...]) -> Iterator[tuple[Leaf, Any]]:
        match rule.kind:
            case Kind.STRING | Kind.TEXT_OR_PARTS:
                yield leaf, TEXT
            case Kind.STRINGS:
                yield from ((leaf, value) for value in (TEXT, [TEXT], ["a", TEXT]))
            case Kind.JSON:
                yield from ((leaf, value) for value in (TEXT, {"a": [TEXT]}, {TEXT: 1}))
            case Kind.JSON_TEXT:
                yield from ((leaf, json.dumps(value)) for value in ({"a": [TEXT]}, {TEXT: 1}))
        if rule.kind in NESTED and rule.shape:
            for one, value in self._nested(rule.shape, way):
                yield one, value if rule.kind is Kind.OBJECT else [value]

    def _nested(self, name: str, way: tuple[str, ...]) -> Iterator[tuple[Leaf, Any]]:
        told = self._contract.variants.get(name)
        if told is None:
            yield from self.of(name, way)
            return
        for tag, shape in told.of.items():
            yield from ((leaf, {told.by: tag} | value) for leaf, value in self.of(shape, way))

    def _least(self, shape: str) -> dict[str, Any]:
        fields = self._contract.shapes[shape].items()
        return {name: self._required(rule) for name, rule in fields if rule.required}

    def _required(self, rule: FieldRule) -> Any:
        match rule.kind:
            case Kind.LIST:
                return []
            case Kind.OBJECT if rule.shape in self._contract.variants:
                told = self._contract.variants[rule.shape]
                tag, shape = next(iter(told.of.items()))
                return {told.by: tag} | self._least(shape)
            case Kind.OBJECT if rule.shape:
                return self._least(rule.shape)
            case Kind.ROLE:
                return next(iter(rule.roles))
            case Kind.WORD:
                return rule.values[0]
            case Kind.INTEGER:
                return 1
        return "1"


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> PromptScanner:
    return scanner_of(policy_of(CRANE), tmp_path_factory.mktemp("scanned"))


@pytest.mark.parametrize("wire", wires())
def test_a_scanned_field_is_scanned(wire: str, scanner: PromptScanner) -> None:
    contract = load_contract(wire)
    tried = list(Bodies(contract).of(contract.root))
    unseen = {
        leaf
        for leaf, body in tried
        if scanner.scan(read(contract, body).segments).action is not Action.REFUSE
    }
    assert unseen == set()
    assert {leaf for leaf, _ in tried} == {
        (shape, name)
        for shape in contract.open_shapes
        for name, rule in contract.shapes[shape].items()
        if rule.treatment is Treatment.SCANNED and rule.kind not in (Kind.LIST, Kind.OBJECT)
    }
