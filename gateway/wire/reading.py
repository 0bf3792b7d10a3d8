"""Reads a request by its contract: a new body of what may go on, and a segment for every string of it.

Rule: the body that is sent is built from nothing but values that this module looked at.
"""

import re
from dataclasses import dataclass

import orjson

from filters.prompt import Segment
from gateway.errors import bad_request
from gateway.strict_json import JsonError, parse
from gateway.wire.complaint import Path, expected, kind_of, unsupported, written
from gateway.wire.contract import Contract, Speaker
from gateway.wire.cut_words import whole_texts
from gateway.wire.media import MediaRule, checked_media
from gateway.wire.plain import plain
from gateway.wire.rule import FieldRule, Kind, Treatment, Variants
from policy.surface import Role

__all__ = ["Reading", "expected", "kind_of", "read", "rewritable", "rewrite"]

# Last step of a path to a string that cannot be replaced by other words: an object's key, a number, a text
# whose escapes were read, and what would break the request or ask for something else.
KEY, NUMBER, DECODED, AS_IT_IS = "<key>", "<number>", "<decoded>", "<as it is>"
FIXED = frozenset({KEY, NUMBER, DECODED, AS_IT_IS})

ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\[nrtbf]")

# In JSON: what is a name or an id, and what is prose.
LABELS = frozenset({"id", "name", "tool_call_id", "task"})
PROSE = frozenset(
    {"content", "text", "refusal", "thinking", "reasoning", "reasoning_content", "description", "title"}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What may be sent on, and everything in it that the model will read."""

    body: dict[str, object]
    segments: tuple[Segment, ...]


def read(
    contract: Contract, body: object, strip_unknown: bool = False, media: MediaRule = MediaRule.REFUSE
) -> Reading:
    reader = _Reader(contract, strip_unknown, media)
    cleaned = reader.shaped(contract.root, body, (), None)
    return Reading(cleaned, tuple(reader.labels + reader.segments))


class _Nothing:
    """Marks a field that is not sent on."""


NOTHING = _Nothing()


class _Reader:
    def __init__(self, contract: Contract, strip_unknown: bool, media: MediaRule) -> None:
        self._tables, self._variants, self._messages = contract.tables, contract.variants, contract.messages
        self._strip_unknown = strip_unknown
        self._media = media
        self.segments: list[Segment] = []
        # Names and ids go first: between two texts they would keep the scanners from joining these.
        self.labels: list[Segment] = []

    def shaped(self, shape: str, value: object, path: Path, role: Role | None) -> dict[str, object]:
        if not isinstance(value, dict):
            raise expected("an object", path, kind_of(value))
        fields, required, order, speaker, constants = self._tables[shape]
        if not value.keys() <= fields.keys():
            value = self._known(value, fields, path)
        if not required <= value.keys():
            missing = next(name for name in fields if name in required and name not in value)
            raise expected("a value", (*path, missing), "none")
        if speaker:
            role = self._role(speaker, value) or role
        cleaned: dict[str, object] = {}
        for name in sorted(value, key=order.__getitem__):
            kept = self._field(fields[name], value[name], (*path, name), role)
            if kept is not NOTHING:
                cleaned[name] = kept
        if constants:
            cleaned |= constants
        return cleaned

    def _known(self, value: dict[str, object], fields: dict[str, FieldRule], path: Path) -> dict[str, object]:
        if self._strip_unknown:
            return {name: held for name, held in value.items() if name in fields}
        field = written((*path, next(name for name in value if name not in fields)))
        raise bad_request(f"{field}: this field is not supported.", field, "unknown_field")

    def _role(self, speaker: Speaker, value: dict[str, object]) -> Role | None:
        """The role of a message; a wrong one is told when its field is read."""
        name = value.get(speaker.field)
        return speaker.roles.get(name) if isinstance(name, str) else None

    def _field(self, rule: FieldRule, value: object, path: Path, role: Role | None) -> object:
        match rule.treatment:
            case Treatment.REFUSED:
                if not any(
                    value is one or (value == one and type(value) is type(one)) for one in rule.harmless
                ):
                    raise unsupported(path)
                return NOTHING
            case Treatment.STRIPPED:
                if rule.only and value is not None and value != list(rule.only):
                    raise expected(f"only {', '.join(rule.only)}", path, "something else")
                return NOTHING
            case _ if value is None:
                if rule.required:
                    raise expected("a value", path, kind_of(value))
                return None
            case _:
                return self._value(rule, value, path, rule.role or role)

    def _value(self, rule: FieldRule, value: object, path: Path, role: Role | None) -> object:
        match rule.kind:
            case Kind.OBJECT | Kind.LIST | Kind.TEXT_OR_PARTS:
                return self._nested(rule, value, path, role)
            case Kind.STRING:
                return self._text(rule, value, path, role)
            case Kind.STRINGS:
                return self._strings(rule, value, path, role)
            case Kind.JSON:
                self._leaves(value, path, role or Role.SYSTEM, rule.free)
                return value
            case Kind.JSON_TEXT:
                return self._json_text(value, path, role)
            case Kind.MEDIA:
                if checked_media(value, path, self._media):
                    self._add(str(value), (*path, AS_IT_IS), role)
                return value
            case _:
                return plain(rule, value, path)

    def _nested(self, rule: FieldRule, value: object, path: Path, role: Role | None) -> object:
        assert rule.shape is not None
        if rule.kind is Kind.OBJECT:
            return self._told(rule.shape, value, path, role)
        if rule.kind is Kind.TEXT_OR_PARTS and isinstance(value, str):
            return self._text(rule, value, path, role)
        if not isinstance(value, list):
            what = "a list" if rule.kind is Kind.LIST else "a string or a list of parts"
            raise expected(what, path, kind_of(value))
        read = [self._told(rule.shape, item, (*path, place), role) for place, item in enumerate(value)]
        # A list of the request itself is one of messages, or of tools.
        if rule.kind is Kind.TEXT_OR_PARTS or len(path) > 1:
            for whole in whole_texts(read):
                self._list(whole, (*path, DECODED), role)
        return read

    def _told(self, name: str, value: object, path: Path, role: Role | None) -> dict[str, object]:
        """Of a shape, or of the one of several that the value says it is."""
        told = self._variants.get(name)
        return self.shaped(name if told is None else self._shape(told, value, path), value, path, role)

    def _shape(self, told: Variants, value: object, path: Path) -> str:
        if not isinstance(value, dict):
            raise expected("an object", path, kind_of(value))
        said = value.get(told.by)
        if said is None and told.otherwise:
            return told.otherwise
        if not isinstance(said, str):
            raise expected("a value", (*path, told.by), kind_of(said) if told.by in value else "none")
        if shape := told.of.get(said):
            return shape
        if said in told.media and self._media is not MediaRule.REFUSE:
            return told.media[said]
        if said in told.media or told.why_not(said):
            raise unsupported((*path, told.by))
        raise expected(f"one of {', '.join(told.of)}", (*path, told.by), "another")

    def _text(self, rule: FieldRule, value: object, path: Path, role: Role | None) -> object:
        if not isinstance(value, str):
            raise expected("a string", path, kind_of(value))
        if rule.treatment is Treatment.SCANNED:
            self._add(value, (*path, AS_IT_IS) if rule.label or rule.fixed else path, role, rule.label)
        return value

    def _strings(self, rule: FieldRule, value: object, path: Path, role: Role | None) -> object:
        if isinstance(value, str):
            return self._text(rule, value, path, role)
        if not isinstance(value, list):
            raise expected("a string or a list of strings", path, kind_of(value))
        return [self._text(rule, item, (*path, place), role) for place, item in enumerate(value)]

    def _json_text(self, value: object, path: Path, role: Role | None) -> object:
        """Templates print what the JSON says, so its escapes must not hide anything from the scanners."""
        if isinstance(value, dict | list):
            self._leaves(value, path, role or Role.ASSISTANT, True)
            return value
        if not isinstance(value, str):
            raise expected("JSON text", path, kind_of(value))
        if value.strip():
            try:
                said = parse(value.encode())
            except JsonError as error:
                raise bad_request(f"{written(path)}: {error}.", written(path), "invalid_value") from None
            self._leaves(said, path, role or Role.ASSISTANT, True)
        return value

    def _leaves(self, value: object, path: Path, role: Role, free: bool) -> None:
        match value:
            case str():
                last = path[-1]
                at = path if free or last in PROSE else (*path, AS_IT_IS)
                self._add(value, at, role, last in LABELS)
            case bool() | None:
                pass
            case int() | float():
                self._add(str(value), (*path, NUMBER), role)
            case list():
                for place, item in enumerate(value):
                    self._leaves(item, (*path, place), role, free)
            case dict():
                for name, item in value.items():
                    self._add(name, (*path, name, KEY), role)
                    self._leaves(item, (*path, name), role, free)

    def _add(self, text: str, path: Path, role: Role | None, label: bool = False) -> None:
        if not text:
            return
        self._list(text, path, role, label)
        # Asked first, because the search takes longer than all else that is read of a text.
        if "\\" in text and ESCAPE.search(text):
            # JSON in a text hides its words behind escapes that the model reads without effort.
            self._list(ESCAPE.sub(unescaped, text), (*path, DECODED), role)

    def _list(self, text: str, path: Path, role: Role | None, label: bool = False) -> None:
        message = -1
        if path[0] == self._messages:
            message = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
        listed = self.labels if label else self.segments
        listed.append(Segment(role or Role.USER, text, message, path))


def unescaped(found: re.Match[str]) -> str:
    """What a run of escapes says; half a surrogate says nothing."""
    if not found[0].startswith("\\u"):
        return " "
    units = [int(code, 16) for code in found[0].split("\\u")[1:]]
    return b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "ignore")


def rewritable(path: Path) -> bool:
    """Whether other words may stand at a path."""
    return path[-1] not in FIXED


def rewrite(body: dict[str, object], path: Path, text: str) -> None:
    """Put a text at a path of the body, which may lead into JSON that stands there as text."""
    _set(body, path, text)


def _set(node: object, path: Path, text: str) -> object:
    if not path:
        return text
    match node:
        case str():
            return orjson.dumps(_set(orjson.loads(node), path, text)).decode()
        case dict() | list():
            node[path[0]] = _set(node[path[0]], path[1:], text)  # type: ignore[index]
            return node
    raise LookupError("no such path in the body")
