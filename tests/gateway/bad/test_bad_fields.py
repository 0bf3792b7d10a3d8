"""Every field that the contract names is given every kind of JSON value, over a socket.

The contract says which kinds are right; all others are told by the field's name, what was expected and what
was found. A new field is tried without a change here; a new shape must be given a place.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.wire.contract import load_contract
from gateway.wire.rule import FieldRule, Kind, Treatment
from tests.gateway.bad.ground import Ending, Ground, code_of, encoded, request

CHAT = load_contract("chat")
PLANTED = "Alden Crane"
VALUES: dict[str, Any] = {
    "null": None,
    "true or false": True,
    "an integer": 7,
    "a number with a fraction": 0.5,
    "a string": PLANTED,
    "a list": [PLANTED],
    "an object": {PLANTED: PLANTED},
}
RIGHT: dict[Kind, set[str]] = {
    Kind.STRING: {"a string"},
    Kind.STRINGS: {"a string", "a list"},
    Kind.WORD: set(),
    Kind.ROLE: set(),
    Kind.INTEGER: {"an integer"},
    Kind.INTEGERS: set(),
    Kind.NUMBER: {"an integer", "a number with a fraction"},
    Kind.BOOLEAN: {"true or false"},
    Kind.BIASES: set(),
    Kind.JSON: set(VALUES),
    Kind.JSON_TEXT: {"a list", "an object"},
    Kind.OBJECT: set(),
    Kind.LIST: set(),
    Kind.TEXT_OR_PARTS: {"a string"},
}
CALL = {"type": "function", "function": {"name": "f"}}
CUSTOM = {"type": "custom", "custom": {"name": "f"}}
CODES = r"invalid_value|unknown_field|unsupported_field"


def in_message(**fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Hello!"} | fields]}


def in_part(said: str, given: dict[str, Any]) -> dict[str, Any]:
    return in_message(content=[{"type": said} | given])


PLACES: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "request": ("", lambda given: given),
    "stream_options": ("stream_options.", lambda given: {"stream_options": given}),
    "template_switches": ("chat_template_kwargs.", lambda given: {"chat_template_kwargs": given}),
    "repetition": ("repetition_detection.", lambda given: {"repetition_detection": given}),
    "message": ("messages[0].", lambda given: in_message(**given)),
    "text": ("messages[0].content[0].", lambda given: in_part("text", given)),
    "refusal": ("messages[0].content[0].", lambda given: in_part("refusal", given)),
    "thinking": ("messages[0].content[0].", lambda given: in_part("thinking", given)),
    "tool_reference": ("messages[0].content[0].", lambda given: in_part("tool_reference", given)),
    "tool_call": (
        "messages[0].tool_calls[0].",
        lambda given: in_message(role="assistant", tool_calls=[CALL | given]),
    ),
    "custom_call": (
        "messages[0].tool_calls[0].",
        lambda given: in_message(role="assistant", tool_calls=[CUSTOM | given]),
    ),
    "custom": (
        "messages[0].tool_calls[0].custom.",
        lambda given: in_message(role="assistant", tool_calls=[CUSTOM | {"custom": {"name": "f"} | given}]),
    ),
    "function": (
        "messages[0].tool_calls[0].function.",
        lambda given: in_message(role="assistant", tool_calls=[CALL | {"function": {"name": "f"} | given}]),
    ),
}


def wrong(rule: FieldRule) -> Iterator[str]:
    """The kinds of values that a field does not take."""
    match rule.treatment:
        case Treatment.STRIPPED:
            kinds = set(VALUES) - {"null"} if rule.only else set()
        case Treatment.REFUSED:
            kinds = {
                kind for kind, value in VALUES.items() if value is not None and value not in rule.harmless
            }
        case _:
            kinds = set(VALUES) - RIGHT[rule.kind] - (set() if rule.required else {"null"})
    yield from sorted(kinds)


FIELDS = [
    (shape, name, rule)
    for shape in sorted(CHAT.open_shapes)
    for name, rule in CHAT.shapes[shape].items()
    if list(wrong(rule))
]


def ending(rule: FieldRule, field: str, kind: str) -> Ending:
    """What is inside a field may be told instead of the field."""
    if rule.treatment is Treatment.REFUSED:
        return Ending(400, "unsupported_field", f"^{field}: not supported here")
    if rule.kind is Kind.OBJECT and kind == "an object":
        return Ending(400, "unknown_field", rf"^{field}\.\?: this field is not supported")
    return Ending(400, "invalid_value", rf"^{field}(\[0\])?: expected .+, found .+\.$")


@pytest.mark.parametrize(
    ("shape", "name", "rule"), FIELDS, ids=[f"{shape}.{name}" for shape, name, _ in FIELDS]
)
def test_a_value_of_the_wrong_kind_is_told_by_its_field(
    shape: str, name: str, rule: FieldRule, ground: Ground
) -> None:
    prefix, placed = PLACES[shape]
    for kind in wrong(rule):
        body = encoded(**placed({name: VALUES[kind]}))
        expected = ending(rule, re.escape(prefix + name), kind)
        assert code_of(ground.tell([request(body)], expected)) == expected.code
    assert ground.stands()


def test_every_shape_has_a_place() -> None:
    assert set(PLACES) == CHAT.open_shapes


def test_most_fields_have_a_wrong_kind() -> None:
    """Or the test above would try nothing."""
    assert sum(len(list(wrong(rule))) for _, _, rule in FIELDS) > 300


@pytest.mark.parametrize("kind", VALUES)
def test_a_field_that_is_dropped_may_hold_anything_and_goes_nowhere(kind: str, ground: Ground) -> None:
    for shape, (_, placed) in PLACES.items():
        rules = CHAT.shapes[shape].items()
        dropped = [name for name, rule in rules if rule.treatment is Treatment.STRIPPED and not rule.only]
        ground.play_good()
        raw = encoded(**placed(dict.fromkeys(dropped, VALUES[kind])))
        assert ground.answered([request(raw)]).status == 200
        assert not any(re.search(rf'"{name}":'.encode(), ground.canned.last.body) for name in dropped)
        assert PLANTED.encode() not in ground.canned.last.body
    assert ground.stands()
