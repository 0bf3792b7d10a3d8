"""A contract is data that says what is done with every field of a request and of an answer.

Rule: what stands in no contract goes nowhere. The code that applies it to requests is in `reading.py`.
"""

from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from typing import NamedTuple, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from policy.surface import Channel, Role


class Treatment(StrEnum):
    SCANNED = "scanned"
    PASSED = "passed"
    OWNED = "owned"
    STRIPPED = "stripped"
    REFUSED = "refused"


class Kind(StrEnum):
    ANY = "any"
    STRING = "string"
    STRINGS = "strings"
    WORD = "word"
    INTEGER = "integer"
    INTEGERS = "integers"
    NUMBER = "number"
    BOOLEAN = "boolean"
    BIASES = "biases"
    JSON = "json"
    JSON_TEXT = "json_text"
    OBJECT = "object"
    LIST = "list"
    TEXT_OR_PARTS = "text_or_parts"


class AnswerTreatment(StrEnum):
    TEXT = "text"
    WHOLE = "whole"
    SHADOW = "shadow"
    PASSED = "passed"
    OWNED = "owned"
    STRIPPED = "stripped"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldRule(Part):
    treatment: Treatment = Field(alias="is")
    why: str
    kind: Kind = Kind.ANY
    role: Role | None = None
    shape: str | None = None
    values: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    harmless: tuple[bool | int | None, ...] = (None, False)
    required: bool = False


class AnswerRule(Part):
    treatment: AnswerTreatment = Field(alias="is")
    why: str
    channel: Channel | None = None


class AnswerFields(NamedTuple):
    """Of one shape: all names that the contract gives, and of these what is read."""

    named: frozenset[str]
    read: frozenset[str]


READ = frozenset({AnswerTreatment.TEXT, AnswerTreatment.WHOLE, AnswerTreatment.PASSED})


class Contract(Part):
    wire: str
    route: str
    root: str
    shapes: dict[str, dict[str, FieldRule]]
    answer: dict[str, dict[str, AnswerRule]]

    @cached_property
    def required(self) -> dict[str, frozenset[str]]:
        """Of each shape of a request, the fields that must be there."""
        return {
            shape: frozenset(name for name, rule in fields.items() if rule.required)
            for shape, fields in self.shapes.items()
        }

    @cached_property
    def order(self) -> dict[str, dict[str, int]]:
        """Of each shape of a request, the place of every field: they are read as they stand here."""
        return {shape: {name: at for at, name in enumerate(fields)} for shape, fields in self.shapes.items()}

    @cached_property
    def answer_fields(self) -> dict[str, AnswerFields]:
        """The answer's table as the reader of every event needs it."""
        return {
            shape: AnswerFields(
                frozenset(rules), frozenset(name for name, rule in rules.items() if rule.treatment in READ)
            )
            for shape, rules in self.answer.items()
        }

    @model_validator(mode="after")
    def _sound(self) -> Self:
        """Nothing that can hold text is passed: such a field is scanned, or it is not sent."""
        for shape, fields in self.shapes.items():
            for name, rule in fields.items():
                if problem := self._problem(rule):
                    raise ValueError(f"{shape}.{name}: {problem}")
        return self

    def _problem(self, rule: FieldRule) -> str | None:
        checked = {Kind.INTEGER, Kind.INTEGERS, Kind.NUMBER, Kind.BOOLEAN, Kind.BIASES, Kind.OBJECT}
        if rule.treatment is Treatment.PASSED and rule.kind not in checked and not rule.values:
            return "a passed field needs a kind that cannot hold text"
        if rule.treatment is Treatment.SCANNED and rule.kind is Kind.ANY:
            return "a scanned field needs a kind"
        if rule.shape is not None and rule.shape not in self.shapes:
            return f"no such shape: {rule.shape}"
        return None


def load_contract(name: str) -> Contract:
    text = files("gateway.wire").joinpath(name, "contract.yaml").read_text("utf-8")
    return Contract.model_validate(yaml.safe_load(text))
