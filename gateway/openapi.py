"""Writes down, for programs, what every route takes and how it says no: `python -m gateway.openapi`.

Rule: what a request may hold is made from the contracts that requests are read by, so that the two cannot
differ. What a contract cannot say (that a list must not be empty, say) a request is still told.
"""

import json
import sys
from collections.abc import Iterator
from importlib.metadata import version

from gateway.app import endpoints, framing_of
from gateway.errors import Json, no_route
from gateway.feedback import Feedback
from gateway.wire.contract import Contract, load_contract
from gateway.wire.plain import BIASES
from gateway.wire.rule import FieldRule, Kind, Treatment, Variants

JSON, EVENTS = "application/json", "text/event-stream"
# As many bits as are read.
INTEGER: Json = {"type": "integer", "minimum": -(2**63), "maximum": 2**64 - 1}
BASIC: dict[Kind, Json] = {
    Kind.ANY: {},
    Kind.JSON: {},
    Kind.STRING: {"type": "string"},
    Kind.MEDIA: {"type": "string"},
    Kind.STRINGS: {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    Kind.INTEGER: INTEGER,
    Kind.INTEGERS: {"type": "array", "items": INTEGER},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.JSON_TEXT: {"type": ["string", "object", "array"]},
    Kind.BIASES: {
        "type": "object",
        "maxProperties": BIASES,
        "propertyNames": {"pattern": "^[0-9]{1,9}$"},
        "additionalProperties": {"type": "number"},
    },
}
# Routes beside the hot ones, by what is needed to ask; what these say stands in docs/gateway.md.
OTHERS: dict[str, tuple[str, bool]] = {
    "/v1/models": (JSON, True),
    "/v1/models/{name}": (JSON, True),
    "/healthz": (JSON, False),
    "/readyz": (JSON, False),
    "/metrics": ("text/plain", True),
}
STREAMED = frozenset({"chat", "completions", "responses", "messages"})


def document() -> Json:
    paths: Json = {route: _posted(route, endpoint.route) for route, endpoint in endpoints().items()}
    paths |= {route: _asked(kind, named, "{name}" in route) for route, (kind, named) in OTHERS.items()}
    feedback = Feedback.model_json_schema(ref_template="#/components/schemas/{model}")
    more: Json = feedback.pop("$defs")
    paths["/unsay/feedback"] = _told("/unsay/feedback", feedback, JSON)
    wires = sorted({endpoint.route for endpoint in endpoints().values()})
    return {
        "openapi": "3.1.0",
        "info": {"title": "Unsay", "version": version("unsay")},
        "paths": paths,
        "components": {
            "schemas": dict(shape for wire in wires for shape in _shapes(wire)) | _errors() | more,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
    }


def _posted(route: str, wire: str) -> Json:
    kinds = (JSON, EVENTS) if wire in STREAMED else (JSON,)
    return _told(route, _ref(wire, _contract(wire).root), *kinds)


def _told(route: str, body: Json, *kinds: str) -> Json:
    """A route that is told something and answers in one of these kinds."""
    answer: Json = {kind: {"schema": {"type": "object" if kind == JSON else "string"}} for kind in kinds}
    responses = {"200": {"description": "The answer.", "content": answer}, "default": _refused(route)}
    asked = {"required": True, "content": {JSON: {"schema": body}}}
    return {"post": {"security": _keys(), "requestBody": asked, "responses": responses}}


def _asked(kind: str, named: bool, one: bool) -> Json:
    said: Json = {"description": "As it is.", "content": {kind: {"schema": {}}}}
    failed: Json = {"default": _refused("/")} if named else {"503": said}
    path = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    return {
        "get": {
            "security": _keys() if named else [],
            "parameters": [path] if one else [],
            "responses": failed | {"200": said},
        }
    }


def _keys() -> list[Json]:
    return [{"bearer": []}, {"key": []}]


def _refused(route: str) -> Json:
    """In the error shape of the API whose route it is."""
    named = "error.messages" if "type" in framing_of(route).error(no_route()) else "error"
    schema = {"$ref": f"#/components/schemas/{named}"}
    return {"description": "Why not.", "content": {JSON: {"schema": schema}}}


def _errors() -> Json:
    text, maybe = {"type": "string", "minLength": 1}, {"type": ["string", "null"]}
    fields: Json = {"message": text, "type": text, "param": maybe, "code": maybe}
    own: Json = {"type": text, "message": text}
    return {
        "error": _closed({"error": _closed(fields, *fields)}, "error"),
        "error.messages": _closed({"type": {"const": "error"}, "error": _closed(own, *own)}, "type", "error"),
    }


def _closed(fields: Json, *required: str) -> Json:
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


def _contract(wire: str) -> Contract:
    """Of what a route takes, as far as chat's contract says it."""
    return load_contract("chat" if wire == "batch" else wire)


def _shapes(wire: str) -> Iterator[tuple[str, Json]]:
    contract = _contract(wire)
    for name, fields in contract.shapes.items():
        required = [field for field, rule in fields.items() if rule.required]
        said: Json = {field: _field(wire, rule) for field, rule in fields.items()}
        if name == contract.root:
            said |= _own(wire, said)
        yield f"{wire}.{name}", _closed(said, *required)
    for name, one in contract.variants.items():
        yield f"{wire}.{name}", {"anyOf": list(_apart(wire, one))}


def _own(wire: str, fields: Json) -> Json:
    """Where a route takes what another one does."""
    match wire:
        case "batch":
            return {"messages": {"type": "array", "minItems": 1, "items": fields["messages"]}}
        case "checks":
            chat = load_contract("chat")
            return {name: _field("chat", rule) for name, rule in chat.shapes[chat.root].items()}
    return {}


def _apart(wire: str, one: Variants) -> Iterator[Json]:
    for shape in sorted(one.shapes):
        # Where nothing is said it is the one that stands for that.
        said: Json = {"required": [one.by], "properties": {one.by: {"type": "string"}}}
        yield _ref(wire, shape) | ({} if shape == one.otherwise else said)


def _ref(wire: str, shape: str) -> Json:
    return {"$ref": f"#/components/schemas/{wire}.{shape}"}


def _field(wire: str, rule: FieldRule) -> Json:
    match rule.treatment:
        case Treatment.STRIPPED:
            return {"enum": [None, list(rule.only)]} if rule.only else {}
        case Treatment.REFUSED:
            return {"enum": list(rule.harmless)}
    said = _kind(wire, rule)
    return said if rule.required or not said else {"anyOf": [said, {"type": "null"}]}


def _kind(wire: str, rule: FieldRule) -> Json:
    if rule.kind in (Kind.WORD, Kind.ROLE):
        return {"enum": [*(rule.values or rule.roles)]}
    if rule.shape is None:
        return BASIC[rule.kind]
    one = _ref(wire, rule.shape)
    listed: Json = {"type": "array", "items": one}
    match rule.kind:
        case Kind.OBJECT:
            return one
        case Kind.LIST:
            return listed
    return {"anyOf": [{"type": "string"}, listed]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), indent=1) + "\n")
