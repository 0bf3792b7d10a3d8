"""Which fields of a schema a contract does not name.

Rule: every field of every model is looked at, down to where the contract stops reading: what is not sent on,
or is scanned whatever it holds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from gateway.wire.contract import Contract
from gateway.wire.rule import AnswerRule, AnswerTreatment, FieldRule, Kind, Treatment, Variants
from tests.gateway.wire.schema import Node, Schema

Rule = TypeVar("Rule", FieldRule, AnswerRule)
SENT = {Treatment.SCANNED, Treatment.PASSED}


@dataclass
class Comparison:
    """`complaints`: what the contract does not say. `fields`: how many it was asked for."""

    complaints: list[str] = field(default_factory=list)
    fields: int = 0

    def __add__(self, other: "Comparison") -> "Comparison":
        return Comparison(self.complaints + other.complaints, self.fields + other.fields)


def compare_request(contract: Contract, schema: Node) -> Comparison:
    walk = _Requests(contract.shapes, contract.variants, Schema(schema))
    walk.node(schema, frozenset({contract.root}), "")
    return walk.found


def compare_answer(contract: Contract, schema: Node, start: str) -> Comparison:
    """`start`: the shape that the schema is of, or the variants."""
    walk = _Answers(contract.answer, contract.answer_variants, Schema(schema))
    walk.node(schema, frozenset({start}), "")
    return walk.found


class _Walk(Generic[Rule]):
    def __init__(
        self, shapes: dict[str, dict[str, Rule]], variants: dict[str, Variants], schema: Schema
    ) -> None:
        self._shapes: dict[str, dict[str, Rule]] = shapes
        self._variants, self.schema = variants, schema
        self._seen: set[tuple[int, frozenset[str]]] = set()
        self.found = Comparison()

    def node(self, node: Node, names: frozenset[str], path: str) -> None:
        """`names`: the shapes or variants that such a value is read by; one model may stand for several."""
        for each in self.schema.variants(node):
            if (id(each), names) in self._seen:
                continue
            self._seen.add((id(each), names))
            if "properties" in each:
                self._object(each, self._meant(each, names, path), path)
            elif each.get("type") == "array":
                self.node(each.get("items", {}), names, path + "[]")

    def _meant(self, node: Node, names: Iterable[str], path: str) -> set[str]:
        """The shapes by which such an object is read; none where it is refused."""
        return {shape for name in names for shape in self._told(node, name, path)}

    def _told(self, node: Node, name: str, path: str) -> Iterator[str]:
        if name in self._shapes:
            yield name
            return
        one = self._variants[name]
        tags = self.schema.words(node["properties"].get(one.by, {}))
        if not tags and one.otherwise:
            yield one.otherwise
        for tag in tags:
            if shape := (one.of | one.media).get(tag):
                yield shape
            elif not one.why_not(tag):
                self.found.complaints.append(f"{path}.{one.by}: {tag}")

    def _object(self, node: Node, shapes: set[str], path: str) -> None:
        for name, held in node["properties"].items() if shapes else ():
            at = f"{path}.{name}".removeprefix(".")
            rules = [self._shapes[shape][name] for shape in shapes if name in self._shapes[shape]]
            self.found.fields += 1
            if rules:
                self.field(rules, held, at)
            else:
                self.found.complaints.append(at)

    def field(self, rules: list[Rule], node: Node, path: str) -> None:
        raise NotImplementedError


class _Requests(_Walk[FieldRule]):
    def field(self, rules: list[FieldRule], node: Node, path: str) -> None:
        sent = [rule for rule in rules if rule.treatment in SENT]
        if shapes := frozenset(rule.shape for rule in sent if rule.shape):
            self.node(node, shapes, path)
        if sent and all(rule.kind in (Kind.WORD, Kind.ROLE) for rule in sent):
            known = {word for rule in sent for word in (*rule.values, *rule.never, *rule.roles)}
            self.found.complaints += [
                f"{path}: {word}" for word in self.schema.words(node) if word not in known
            ]


class _Answers(_Walk[AnswerRule]):
    def field(self, rules: list[AnswerRule], node: Node, path: str) -> None:
        passed = [rule for rule in rules if rule.treatment is AnswerTreatment.PASSED]
        if shapes := frozenset(rule.shape for rule in passed if rule.shape):
            self.node(node, shapes, path)
        bare = [rule for rule in passed if not (rule.shape or rule.values or rule.base64)]
        if bare and self.schema.holds_text(node):
            self.found.complaints.append(f"{path}: passed, and may hold text")


def with_field(schema: Node, model: str, name: str) -> dict[str, Any]:
    """The schema as it would be if a new release gave a model one more field."""
    named = schema["$defs"] | {
        model: schema["$defs"][model]
        | {"properties": schema["$defs"][model]["properties"] | {name: {"type": "string"}}}
    }
    return schema | {"$defs": named}
