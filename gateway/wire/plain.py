"""Values that cannot hold text.

Rule: each is of the kind that the contract says, or the request is refused.
"""

import re

from gateway.wire.complaint import Path, expected, kind_of
from gateway.wire.rule import FieldRule, Kind

BIASES = 300

KINDS = {
    Kind.BOOLEAN: "true or false",
    Kind.INTEGER: "an integer",
    Kind.NUMBER: "a number",
    Kind.INTEGERS: "a list of integers",
    Kind.BIASES: "an object of token ids and numbers",
    Kind.STRING: "a string",
}


def plain(rule: FieldRule, value: object, path: Path) -> object:
    match rule.kind:
        case Kind.BOOLEAN if isinstance(value, bool):
            return value
        case Kind.INTEGER if isinstance(value, int) and not isinstance(value, bool):
            return value
        case Kind.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        case Kind.INTEGERS if isinstance(value, list) and all(type(item) is int for item in value):
            return value
        case Kind.WORD | Kind.ROLE if isinstance(value, str) and (
            value in rule.values or value in rule.roles
        ):
            return value
        case Kind.BIASES if isinstance(value, dict):
            return biases(value, path)
        case Kind.STRING if isinstance(value, str):
            return value
    words = rule.values or tuple(rule.roles)
    what = KINDS.get(rule.kind) or "one of " + ", ".join(words)
    raise expected(what, path, "another" if words and isinstance(value, str) else kind_of(value))


def biases(value: dict[str, object], path: Path) -> dict[str, float]:
    if len(value) > BIASES:
        raise expected(f"at most {BIASES} entries", path, str(len(value)))
    for token, bias in value.items():
        if not re.fullmatch(r"[0-9]{1,9}", token, re.ASCII) or type(bias) not in (int, float):
            raise expected(KINDS[Kind.BIASES], path, "an object of something else")
    return {token: float(str(bias)) for token, bias in value.items()}
