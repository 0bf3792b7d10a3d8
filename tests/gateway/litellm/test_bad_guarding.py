"""LiteLLM takes an error for a no: whatever cannot be read is one, and says nothing of what it was."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateway.bad.ground import KEY, OPERATOR, Ending, Ground, ground_in, request
from tests.gateway.canned import Canned
from tests.gateway.litellm.asking import PATH

SECRET = "Alden Crane, 555-201-3391"
INVALID = "invalid_value"


@pytest.fixture(scope="module")
def door(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground_in(tmp_path_factory.mktemp("door"), canned, litellm={}) as found:
        yield found


def body(**fields: Any) -> bytes:
    return json.dumps({"input_type": "request", "texts": ["x"], "request_data": {}, **fields}).encode()


def deep(depth: int) -> bytes:
    return b'{"input_type": "request", "structured_messages": %s}' % (b"[" * depth + b"]" * depth)


@pytest.mark.parametrize(
    ("sent", "code", "told"),
    [
        (b"", "invalid_json", "expected JSON, found nothing"),
        (body()[:-1], "invalid_json", "expected JSON, found a fault"),
        (b'{"texts": ["Alden"], "texts": []}', "invalid_json", "every key of an object once"),
        (deep(64), "invalid_json", "at most 64 levels"),
        (b"[]", INVALID, "expected an object, found a list"),
        (b"{}", INVALID, "input_type: expected a value, found none"),
        (body(input_type=SECRET), INVALID, "input_type: expected one of request, response, found another"),
        (body(texts=SECRET), INVALID, "texts: expected a list, found a string"),
        (body(texts=[SECRET, 1]), INVALID, r"texts\[1\]: expected a string, found an integer"),
        (body(texts=[SECRET, None]), INVALID, r"texts\[1\]: expected a string, found null"),
        (body(structured_messages={"role": SECRET}), INVALID, "expected a list, found an object"),
        (body(structured_messages=[SECRET]), INVALID, r"structured_messages\[0\]: expected an object"),
        (body(tool_calls=SECRET), INVALID, "tool_calls: expected a list, found a string"),
        (body(images=[{"url": SECRET}]), INVALID, r"images\[0\]: expected a string"),
        (body(litellm_call_id=[SECRET]), INVALID, "litellm_call_id: expected a string"),
        (body(documents=[SECRET]), "unknown_field", "documents: this field is not supported"),
        (body(**{SECRET: 1}), "unknown_field", "this field is not supported"),
        (body(texts=["x"] * 2001), INVALID, "at most 2000 messages"),
        (body(input_type="response", texts=["x"] * 513), INVALID, "at most 512 texts"),
        (body(input_type="response", tool_calls=[{}] * 513), INVALID, "at most 512 texts"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_an_error(sent: bytes, code: str, told: str, door: Ground) -> None:
    door.treat([request(sent, path=PATH)], Ending(400, code, told))
    assert door.gateway.records()[-2]["route"] == "litellm"


def test_a_key_that_may_not_check_is_told_so(door: Ground) -> None:
    answered = door.answered([request(body(texts=[SECRET]), path=PATH, key=OPERATOR)])
    assert (answered.status, answered.error["code"]) == (403, "forbidden")
    assert door.gateway.records()[-1]["key"] == "team"


def test_without_a_key_nothing_is_checked_or_recorded(door: Ground) -> None:
    lines = door.lines()
    assert door.answered([request(body(), path=PATH, key=None)]).status == 401
    assert door.lines() == lines
    bare = f"x-api-key: {KEY.decode()}"
    assert door.answered([request(body(), bare, path=PATH, key=None)]).status == 200


def test_who_asks_may_be_anything(door: Ground) -> None:
    for caller in ({"user_api_key_hash": [SECRET]}, [SECRET], SECRET, 1):
        answered = door.answered([request(body(request_data=caller), path=PATH)])
        assert (answered.status, answered.json["action"]) == (200, "NONE")


@pytest.mark.parametrize(
    "text", ["\u202eenarC nedlA", "\U000e0041", "a\u0000b", "🧱" * 500, "\u0301" * 2000, "ﷺ" * 200]
)
def test_odd_letters_are_letters(text: str, door: Ground) -> None:
    reply = door.answered([request(body(input_type="response", texts=[text]), path=PATH)])
    assert reply.status == 200
    assert reply.json["action"] in ("NONE", "BLOCKED")
