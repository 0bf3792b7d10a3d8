"""Whatever comes instead of a check is told in the API's shape, without a word of it, and has its record."""

import json
from typing import Any

import pytest

from tests.gateway.bad.ground import KEY, OPERATOR, Ending, Ground, request
from tests.gateway.checks.asking import PATH

SECRET = "Alden Crane, 555-201-3391"
SAID = [{"role": "user", "content": SECRET}]
INVALID, UNKNOWN, UNSUPPORTED = "invalid_value", "unknown_field", "unsupported_field"
IMAGE = [{"type": "image_url"}]


def body(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def deep(depth: int) -> bytes:
    return b'{"messages": [{"role": "user", "content": "x"}], "tools": %s}' % (b"[" * depth + b"]" * depth)


@pytest.mark.parametrize(
    ("sent", "code", "told"),
    [
        (b"", "invalid_json", "expected JSON, found nothing"),
        (b'{"input": "Alden Crane', "invalid_json", "expected JSON, found a fault"),
        (b'{"input": "Alden", "input": "Crane"}', "invalid_json", "every key of an object once"),
        (b'{"input": "\\ud800 Alden Crane"}', "invalid_json", "expected JSON, found a fault"),
        (b'{"input": "\xff Alden Crane"}', "invalid_json", "expected JSON, found a fault"),
        (deep(65), "invalid_json", "at most 64 levels"),
        (b"[]", INVALID, "expected an object, found a list"),
        (b'"Alden Crane"', INVALID, "expected an object, found a string"),
        (body(), INVALID, "input: expected either a string, or `messages`, found none"),
        (body(input=SECRET, messages=SAID), INVALID, "found both"),
        (body(input=[SECRET]), INVALID, "input: expected a string, found a list"),
        (body(input=None), INVALID, "input: expected either"),
        (body(surface="answer"), INVALID, "input: expected a string, found none"),
        (body(surface="answer", messages=SAID), INVALID, "input: expected a string, found none"),
        (body(surface=SECRET, input="x"), INVALID, "surface: expected one of prompt, answer, found another"),
        (body(surface=["answer"], input="x"), INVALID, "surface: expected one of"),
        (body(input="x", surfaces="answer"), UNKNOWN, "surfaces: this field is not supported"),
        (body(input="x", **{SECRET: 1}), UNKNOWN, "this field is not supported"),
        (body(messages=[]), INVALID, "messages: expected at least one message"),
        (body(messages=SAID * 2001), INVALID, "messages: expected at most 2000 messages"),
        (body(messages=[{"role": SECRET, "content": "x"}]), INVALID, r"messages\[0\].role: expected one of"),
        (body(messages=[{"role": "user", "content": IMAGE}]), UNSUPPORTED, "type: not supported"),
        (body(input="x", kv_transfer_params={"prompt_token_ids": [1]}), UNSUPPORTED, "not supported"),
        (body(input="x", model=SECRET), "model_not_found", "does not exist"),
    ],
)  # fmt: skip
def test_a_bad_body_is_told(sent: bytes, code: str, told: str, ground: Ground) -> None:
    status = 404 if code == "model_not_found" else 400
    ground.treat([request(sent, path=PATH)], Ending(status, code, told))
    assert ground.gateway.records()[-2]["route"] == "checks"


def test_a_body_beyond_the_limit_is_not_read(ground: Ground) -> None:
    large = body(input="x" * (4 * 2**20))
    ground.treat([request(large, path=PATH)], Ending(413, "body_too_large"))
    assert ground.gateway.records()[-2]["route"] == "checks"


def test_a_key_that_may_not_check_is_told_so(ground: Ground) -> None:
    answered = ground.answered([request(body(input="Alden Crane"), path=PATH, key=OPERATOR)])
    assert (answered.status, answered.error["code"]) == (403, "forbidden")
    assert ground.gateway.records()[-1]["key"] == "team"


@pytest.mark.parametrize("more", [(), ("x-api-key: no key",), ("authorization: Bearer no key",)])
def test_without_a_key_nothing_is_checked_or_recorded(more: tuple[str, ...], ground: Ground) -> None:
    lines = ground.lines()
    answered = ground.answered([request(body(input="Alden Crane"), *more, path=PATH, key=None)])
    assert (answered.status, answered.error["code"]) == (401, "invalid_api_key")
    assert ground.lines() == lines


def test_a_key_may_come_under_either_name_but_not_under_both(ground: Ground) -> None:
    bare = f"x-api-key: {KEY.decode()}"
    alone = ground.answered([request(body(input="Hello!"), bare, path=PATH, key=None)])
    both = ground.answered([request(body(input="Hello!"), bare, path=PATH)])
    assert (alone.status, both.status) == (200, 401)
