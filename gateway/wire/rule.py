"""What is done with one field of a request or of an answer, and how shapes are told apart.

Rule: each says why. Nothing that can hold text has a treatment that sends it on unread, except media where
the operator lets them pass.
"""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from policy.surface import Channel, Role


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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
    ROLE = "role"
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
    MEDIA = "media"


NESTED = frozenset({Kind.OBJECT, Kind.LIST, Kind.TEXT_OR_PARTS})
TEXTLESS = frozenset(
    {Kind.INTEGER, Kind.INTEGERS, Kind.NUMBER, Kind.BOOLEAN, Kind.BIASES, Kind.OBJECT, Kind.LIST, Kind.MEDIA}
)


class FieldRule(Part):
    """`label`: a name or an id; no other words may stand in its place. `fixed`: nor may they for this text.
    `free`: in this JSON they may for every value. `roles`: the closed list of a role's field. `sends`: what
    the gateway sends in place of what the client says. `never`: values that are known and not taken.
    """

    treatment: Treatment = Field(alias="is")
    why: str
    kind: Kind = Kind.ANY
    role: Role | None = None
    roles: dict[str, Role] = {}
    shape: str | None = None
    values: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    harmless: tuple[bool | int | str | None, ...] = (None, False)
    required: bool = False
    label: bool = False
    fixed: bool = False
    free: bool = False
    sends: bool | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.treatment is Treatment.PASSED and not (self.kind in TEXTLESS or self.values or self.roles):
            raise ValueError("a passed field needs a kind that cannot hold text")
        if self.treatment is Treatment.SCANNED and self.kind is Kind.ANY:
            raise ValueError("a scanned field needs a kind")
        if (self.kind in NESTED) != (self.shape is not None):
            raise ValueError("a kind of objects needs their shape, and no other kind has one")
        if self.sends is not None and self.treatment is not Treatment.OWNED:
            raise ValueError("only an owned field is sent whatever the client says")
        if (self.kind is Kind.ROLE) != bool(self.roles):
            raise ValueError("a role's field needs its roles, and no other field has any")
        return self


class AnswerTreatment(StrEnum):
    TEXT = "text"
    WHOLE = "whole"
    AGAIN = "again"
    SHADOW = "shadow"
    PASSED = "passed"
    OWNED = "owned"
    STRIPPED = "stripped"
    REFUSED = "refused"


READ = frozenset({AnswerTreatment.TEXT, AnswerTreatment.WHOLE, AnswerTreatment.AGAIN, AnswerTreatment.PASSED})


class AnswerRule(Part):
    """`shape`: of what a field that is sent on holds. `values`: the closed list of what it may say. `base64`:
    it may be numbers as bytes, too.
    """

    treatment: AnswerTreatment = Field(alias="is")
    why: str
    channel: Channel | None = None
    shape: str | None = None
    values: tuple[str, ...] = ()
    base64: bool = False


class Variants(Part):
    """Shapes told apart by what one field says. `otherwise`: the shape where it says nothing. `media`: shapes
    of what is no text. `refused`: of each reason what it is said of.
    """

    by: str
    of: dict[str, str]
    otherwise: str | None = None
    media: dict[str, str] = {}
    refused: dict[str, tuple[str, ...]] = {}

    @property
    def open(self) -> frozenset[str]:
        """All shapes but those of media."""
        return frozenset({*self.of.values(), *([self.otherwise] if self.otherwise else [])})

    @property
    def shapes(self) -> frozenset[str]:
        return self.open | {*self.media.values()}

    def named(self, shape: str) -> tuple[str, ...]:
        """What the field says where the shape is meant."""
        return tuple(value for value, one in (self.of | self.media).items() if one == shape)

    def why_not(self, value: str) -> str | None:
        return next((why for why, values in self.refused.items() if value in values), None)
