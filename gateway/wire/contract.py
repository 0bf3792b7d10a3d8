"""A contract is data that says what is done with every field of a request and of an answer.

Rule: what stands in no contract goes nowhere. The code that applies it to requests is in `reading.py`.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib.resources import files
from itertools import chain
from typing import Any, NamedTuple, Self

import yaml
from pydantic import Field, model_validator

from gateway.wire.rule import READ, AnswerRule, AnswerTreatment, FieldRule, Kind, Part, Variants
from policy.surface import Role

# Written in C where there is one: every process that serves reads all contracts when it starts.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Tag = dict[str, str]
WORD: Tag = {"kind": "word"}


class AnswerFields(NamedTuple):
    """Of one shape: all fields that may hold text, and of these what is read."""

    named: frozenset[str]
    read: frozenset[str]


class Speaker(NamedTuple):
    """Of one shape: the field that says who speaks, and the role of each of its values."""

    field: str
    roles: dict[str, Role]


class Table(NamedTuple):
    """Of one shape: its fields, those that must be there, the order in which they are read, who speaks, and
    what is sent whatever the client says.
    """

    fields: dict[str, FieldRule]
    required: frozenset[str]
    order: dict[str, int]
    speaker: Speaker | None
    constants: dict[str, bool]


class Contract(Part):
    """`messages`: the list of the root's shape that is the conversation. `event`: the shape, or the variants,
    of one event of a stream where it is not that of the body.
    """

    wire: str
    route: str
    root: str
    messages: str = "messages"
    shapes: dict[str, dict[str, FieldRule]]
    variants: dict[str, Variants] = Field(default={})
    event: str = "body"
    answer: dict[str, dict[str, AnswerRule]]
    answer_variants: dict[str, Variants] = Field(default={})

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The shapes of a request as its reader needs them."""
        return {shape: _table(fields) for shape, fields in self.shapes.items()}

    @cached_property
    def answer_fields(self) -> dict[str, AnswerFields]:
        """The answer's table as the reader of every event needs it."""
        return {shape: _fields(rules) for shape, rules in self.answer.items()}

    @cached_property
    def open_shapes(self) -> set[str]:
        """What the root leads to where no media are let through."""
        found, waiting = set[str](), {self.root}
        while waiting:
            found |= waiting
            told = [self.variants[name] for name in waiting if name in self.variants]
            held = _named(self.shapes[name] for name in waiting if name in self.shapes)
            waiting = {*held, *chain.from_iterable(each.open for each in told)} - found
        return found & self.shapes.keys()

    @model_validator(mode="before")
    @classmethod
    def _told_apart(cls, data: Any) -> Any:
        """The field that tells variants apart is a field of each of their shapes."""
        asked = _tagged(data, "shapes", "variants", WORD)
        return data | asked | _tagged(data, "answer", "answer_variants", {})

    @model_validator(mode="after")
    def _sound(self) -> Self:
        nowhere = set(self._missing()) | ({self.root} - self.shapes.keys())
        if nowhere:
            raise ValueError(f"no such shape: {', '.join(sorted(nowhere))}")
        if (
            twice := self.shapes.keys() & self.variants.keys()
            | self.answer.keys() & self.answer_variants.keys()
        ):
            raise ValueError(f"both a shape and variants: {', '.join(sorted(twice))}")
        if stray := self._stray_media():
            raise ValueError(f"media stand outside of what is let through as media: {', '.join(stray)}")
        return self

    def _missing(self) -> Iterator[str]:
        """What a rule or a variant leads to, and nothing is there."""
        asked = self.shapes.keys() | self.variants.keys()
        told = self.answer.keys() | self.answer_variants.keys()
        yield from _named(self.shapes.values()) - asked
        yield from _named(self.answer.values()) - told
        yield from {self.event} - told if self.answer else ()
        for one in self.variants.values():
            yield from one.shapes - self.shapes.keys()
        for one in self.answer_variants.values():
            yield from one.shapes - self.answer.keys()

    def _stray_media(self) -> list[str]:
        return [
            f"{shape}.{name}"
            for shape in sorted(self.open_shapes)
            for name, rule in self.shapes[shape].items()
            if rule.kind is Kind.MEDIA
        ]


def _table(fields: dict[str, FieldRule]) -> Table:
    speakers = (Speaker(name, rule.roles) for name, rule in fields.items() if rule.kind is Kind.ROLE)
    return Table(
        fields,
        frozenset(name for name, rule in fields.items() if rule.required),
        {name: at for at, name in enumerate(fields)},
        next(speakers, None),
        {name: rule.sends for name, rule in fields.items() if rule.sends is not None},
    )


def _tagged(data: Any, shapes: str, variants: str, tag: Tag) -> dict[str, Any]:
    found = dict(data[shapes])
    for one in map(Variants.model_validate, data.get(variants, {}).values()):
        for shape in one.shapes & found.keys():
            found[shape] = _with_tag(found[shape], one.by, one.named(shape), tag)
    return {shapes: found}


def _with_tag(fields: Any, by: str, values: Iterable[str], tag: Tag) -> Any:
    """The shape's fields, and first the one that tells it; it may tell it in several variants."""
    known = fields.get(by, {"is": "passed", "why": "Tells what it is."} | tag)
    named = [*dict.fromkeys([*known.get("values", ()), *values])]
    others = {name: fields[name] for name in fields if name != by}
    return {by: known | {"values": named}} | others if named else fields


def _fields(rules: dict[str, AnswerRule]) -> AnswerFields:
    return AnswerFields(
        frozenset(name for name, rule in rules.items() if rule.treatment is not AnswerTreatment.REFUSED),
        frozenset(name for name, rule in rules.items() if rule.treatment in READ),
    )


def _named(shapes: Iterable[dict[str, Any]]) -> set[str]:
    return {rule.shape for fields in shapes for rule in fields.values() if rule.shape}


def wires() -> list[str]:
    """The names of all contracts."""
    return sorted(
        one.name for one in files("gateway.wire").iterdir() if one.joinpath("contract.yaml").is_file()
    )


def load_contract(name: str) -> Contract:
    return Contract.model_validate(_told(name))


def _told(name: str) -> dict[str, Any]:
    """What the file says, on top of what the one says that it is like."""
    text = files("gateway.wire").joinpath(name, "contract.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, LOADER)
    if other := data.pop("same", None):
        return _but(_told(other), data)
    if other := data.pop("like", None):
        base = _told(other)
        data |= {each: base.get(each, {}) | data.get(each, {}) for each in ("shapes", "variants")}
    return data


def _but(base: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """All of another contract, but for some fields of its root."""
    root = base["root"]
    fields = base["shapes"][root] | data.pop("but")
    return base | {"shapes": base["shapes"] | {root: fields}} | data
