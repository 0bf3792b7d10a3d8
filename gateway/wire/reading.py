"""Reads a request by its contract: a new body of what may go on, and a segment for every string of it.

Rule: the body that is sent is built from nothing but values that this module looked at. Errors name the field
and what was expected, and never repeat a value.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import orjson

from filters.prompt import Segment
from gateway.errors import ApiError, bad_request
from gateway.strict_json import JsonError, parse
from gateway.wire.contract import Contract, FieldRule, Kind, Treatment
from policy.surface import Role

Path = tuple[str | int, ...]

# Last step of a path to a string that cannot be replaced by other words: an object's key, a number, a text
# whose escapes were read.
KEY, NUMBER, DECODED = "<key>", "<number>", "<decoded>"
FIXED = frozenset({KEY, NUMBER, DECODED})

ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\[nrtbf]")

# Fields whose string is a name or an id.
LABELS = frozenset({"id", "name", "tool_call_id", "task"})

BIASES = 300
ROLES = {role.value: role for role in Role} | {"developer": Role.SYSTEM, "function": Role.TOOL}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reading:
    """What may be sent on, and everything in it that the model will read."""

    body: dict[str, object]
    segments: tuple[Segment, ...]


def read(contract: Contract, body: object, strip_unknown: bool = False) -> Reading:
    reader = _Reader(contract, strip_unknown)
    cleaned = reader.shaped(contract.root, body, (), None)
    return Reading(cleaned, tuple(reader.labels + reader.segments))


class _Nothing:
    """Marks a field that is not sent on."""


NOTHING = _Nothing()


class _Reader:
    def __init__(self, contract: Contract, strip_unknown: bool) -> None:
        self._contract = contract
        self._strip_unknown = strip_unknown
        self.segments: list[Segment] = []
        # Names and ids go first: between two texts they would keep the scanners from joining these.
        self.labels: list[Segment] = []

    def shaped(self, shape: str, value: object, path: Path, role: Role | None) -> dict[str, object]:
        if not isinstance(value, dict):
            raise expected("an object", path, kind_of(value))
        fields = self._contract.shapes[shape]
        self._unknown(value, fields, path)
        role = self._role(value) if shape == "message" else role
        cleaned: dict[str, object] = {}
        wanted = (value.keys() | self._contract.required[shape]) & fields.keys()
        for name in sorted(wanted, key=self._contract.order[shape].__getitem__):
            if name in value:
                kept = self._field(fields[name], value[name], (*path, name), role)
                if not isinstance(kept, _Nothing):
                    cleaned[name] = kept
            else:
                raise expected("a value", (*path, name), "none")
        return cleaned

    def _unknown(self, value: dict[str, object], fields: dict[str, FieldRule], path: Path) -> None:
        if not self._strip_unknown and not value.keys() <= fields.keys():
            field = written((*path, next(name for name in value if name not in fields)))
            raise bad_request(f"{field}: this field is not supported.", field, "unknown_field")

    def _role(self, message: dict[str, object]) -> Role | None:
        """The role of a message; a wrong one is told when its field is read."""
        name = message.get("role")
        return ROLES.get(name) if isinstance(name, str) else None

    def _field(self, rule: FieldRule, value: object, path: Path, role: Role | None) -> object:
        match rule.treatment:
            case Treatment.REFUSED:
                if not any(
                    value is one or (value == one and type(value) is type(one)) for one in rule.harmless
                ):
                    raise bad_request(
                        f"{written(path)}: not supported here.", written(path), "unsupported_field"
                    )
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
                return self._strings(value, path, role)
            case Kind.JSON:
                self._leaves(value, path, role or Role.SYSTEM)
                return value
            case Kind.JSON_TEXT:
                return self._json_text(value, path, role)
            case _:
                return plain(rule, value, path)

    def _nested(self, rule: FieldRule, value: object, path: Path, role: Role | None) -> object:
        assert rule.shape is not None
        if rule.kind is Kind.OBJECT:
            return self.shaped(rule.shape, value, path, role)
        if rule.kind is Kind.TEXT_OR_PARTS and isinstance(value, str):
            return self._text(rule, value, path, role)
        if not isinstance(value, list):
            what = "a list" if rule.kind is Kind.LIST else "a string or a list of parts"
            raise expected(what, path, kind_of(value))
        read = [self.shaped(rule.shape, item, (*path, place), role) for place, item in enumerate(value)]
        if rule.kind is Kind.TEXT_OR_PARTS:
            self._cut_words([part["text"] for part in read if isinstance(part.get("text"), str)], path, role)
        return read

    def _cut_words(self, parts: Sequence[object], path: Path, role: Role | None) -> None:
        """Templates print parts behind each other, so a word that is cut over two is whole to the model."""
        texts = [part for part in parts if isinstance(part, str) and part]
        if any(one[-1].isalnum() and other[0].isalnum() for one, other in pairwise(texts)):
            self._list("".join(texts), (*path, DECODED), role)

    def _text(self, rule: FieldRule, value: object, path: Path, role: Role | None) -> object:
        if not isinstance(value, str):
            raise expected("a string", path, kind_of(value))
        if rule.treatment is Treatment.SCANNED:
            self._add(value, path, role)
        return value

    def _strings(self, value: object, path: Path, role: Role | None) -> object:
        if isinstance(value, str):
            self._add(value, path, role)
            return value
        if not isinstance(value, list):
            raise expected("a string or a list of strings", path, kind_of(value))
        for place, item in enumerate(value):
            if not isinstance(item, str):
                raise expected("a string", (*path, place), kind_of(item))
            self._add(item, (*path, place), role)
        return value

    def _json_text(self, value: object, path: Path, role: Role | None) -> object:
        """Templates print what the JSON says, so its escapes must not hide anything from the scanners."""
        if isinstance(value, dict | list):
            self._leaves(value, path, role or Role.ASSISTANT)
            return value
        if not isinstance(value, str):
            raise expected("JSON text", path, kind_of(value))
        if value.strip():
            try:
                said = parse(value.encode())
            except JsonError as error:
                raise bad_request(f"{written(path)}: {error}.", written(path), "invalid_value") from None
            self._leaves(said, path, role or Role.ASSISTANT)
        return value

    def _leaves(self, value: object, path: Path, role: Role) -> None:
        match value:
            case str():
                self._add(value, path, role)
            case bool() | None:
                pass
            case int() | float():
                self._add(str(value), (*path, NUMBER), role)
            case list():
                for place, item in enumerate(value):
                    self._leaves(item, (*path, place), role)
            case dict():
                for name, item in value.items():
                    self._add(name, (*path, name, KEY), role)
                    self._leaves(item, (*path, name), role)

    def _add(self, text: str, path: Path, role: Role | None) -> None:
        if not text:
            return
        self._list(text, path, role)
        # Asked first, because the search takes longer than all else that is read of a text.
        if "\\" in text and ESCAPE.search(text):
            # JSON in a text hides its words behind escapes that the model reads without effort.
            self._list(ESCAPE.sub(unescaped, text), (*path, DECODED), role)

    def _list(self, text: str, path: Path, role: Role | None) -> None:
        message = path[1] if path[0] == "messages" and isinstance(path[1], int) else -1
        listed = self.labels if path[-1] in LABELS else self.segments
        listed.append(Segment(role or Role.USER, text, message, path))


def unescaped(found: re.Match[str]) -> str:
    """What a run of escapes says; half a surrogate says nothing."""
    if not found[0].startswith("\\u"):
        return " "
    units = [int(code, 16) for code in found[0].split("\\u")[1:]]
    return b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "ignore")


def plain(rule: FieldRule, value: object, path: Path) -> object:
    """A value that cannot hold text."""
    match rule.kind:
        case Kind.BOOLEAN if isinstance(value, bool):
            return value
        case Kind.INTEGER if isinstance(value, int) and not isinstance(value, bool):
            return value
        case Kind.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        case Kind.INTEGERS if isinstance(value, list) and all(type(item) is int for item in value):
            return value
        case Kind.WORD if value in rule.values:
            return value
        case Kind.BIASES if isinstance(value, dict):
            return biases(value, path)
        case Kind.STRING if isinstance(value, str):
            return value
    what = KINDS.get(rule.kind) or "one of " + ", ".join(rule.values)
    raise expected(what, path, "another" if rule.values and isinstance(value, str) else kind_of(value))


KINDS = {
    Kind.BOOLEAN: "true or false",
    Kind.INTEGER: "an integer",
    Kind.NUMBER: "a number",
    Kind.INTEGERS: "a list of integers",
    Kind.BIASES: "an object of token ids and numbers",
    Kind.STRING: "a string",
}


def biases(value: dict[str, object], path: Path) -> dict[str, float]:
    if len(value) > BIASES:
        raise expected(f"at most {BIASES} entries", path, str(len(value)))
    for token, bias in value.items():
        if not re.fullmatch(r"[0-9]{1,9}", token, re.ASCII) or type(bias) not in (int, float):
            raise expected(KINDS[Kind.BIASES], path, "an object of something else")
    return {token: float(str(bias)) for token, bias in value.items()}


def expected(what: str, path: Path, found: str) -> ApiError:
    """`found` is a kind or a count, never the value."""
    field = written(path)
    said = f"{field or 'The body'}: expected {what}, found {found}."
    return bad_request(said, field or None, "invalid_value")


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a string"
        case int():
            return "an integer"
        case float():
            return "a number with a fraction"
        case list():
            return "a list"
    return "an object"


def written(path: Path) -> str:
    """`messages[0].content`; a name that is not a plain word is the client's text and is not repeated."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + (step if NAME.fullmatch(step) else "?")
    return text


WORDS = frozenset(
    {"content", "text", "refusal", "thinking", "reasoning", "reasoning_content", "description", "title"}
)


def rewritable(path: Path) -> bool:
    """Whether other words may stand at a path.

    Elsewhere (a tool's name, a key, a schema) they would break the request or change what it asks for.
    """
    if path[-1] in FIXED:
        return False
    return path[-1] in WORDS or path[0] == "documents" or "arguments" in path[:-1]


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
