"""Whatever a client puts wherever, no forgotten string reaches the model server.

This does not know which fields there are. It takes a rich request and plants a string somewhere in it.
"""

import asyncio
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config import Limits
from gateway.errors import ApiError
from gateway.limits.allowance import Allowance
from gateway.limits.near_hits import NearHits
from gateway.limits.shared_table import SharedTable
from gateway.prompt import Body, checked
from gateway.protection import Protection
from gateway.wire.contract import load_contract
from policy.action import Action
from tests.gateway.running import CRANE, policy_of, protection_of
from tests.gateway.test_closed_world import FORGOTTEN, planted
from tests.gateway.test_leaks import leaked, strings
from tests.laws import CASES

CHAT = load_contract("chat")
PLENTY = Allowance(SharedTable(1), 0, 1e9, 3600)
RICH: dict[str, Any] = {
    "model": "demo",
    "stream": True,
    "stream_options": {"include_usage": True},
    "temperature": 0.5,
    "n": 1,
    "seed": 1,
    "stop": ["END"],
    "logit_bias": {"5": 1},
    "user": "me",
    "metadata": {"a": "b"},
    "reasoning_effort": "low",
    "chat_template_kwargs": {"enable_thinking": True},
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}},
    "documents": [{"title": "A lamp", "text": "It turns."}],
    "tools": [
        {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "required": ["a"]}}}
    ],
    "tool_choice": "auto",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "name": "Ada", "content": [{"type": "text", "text": "What turns?"}]},
        {
            "role": "assistant",
            "content": None,
            "reasoning": "A lamp.",
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "1", "content": "A lamp turns."},
    ],
}


@pytest.fixture(scope="module")
def protections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Protection]:
    folder = tmp_path_factory.mktemp("requests")
    policies = {
        "refuse": policy_of(CRANE),
        "redact": policy_of(CRANE, prompt=Action.REDACT),
        "nothing": policy_of(),
    }
    return {name: protection_of(policy, folder / name) for name, policy in policies.items()}


async def nothing(_: object) -> tuple[()]:
    """A session that said nothing before."""
    return ()


async def sent(protection: Protection, body: dict[str, Any], strip: bool) -> dict[str, Any]:
    """What the model server gets, or what the client is told instead."""
    try:
        prompt = await protection.read(Body(json.dumps(body).encode(), Limits(), strip))
    except ApiError as error:
        return error.body()
    scanned = await checked(prompt, protection.scan("demo"), NearHits(PLENTY), protection.hits, nothing)
    return json.loads(scanned.body) if scanned.body is not None else {}


def escaped(value: object) -> Iterator[str]:
    yield from strings(value)
    yield from strings(json.loads(json.dumps(value)))


@pytest.mark.law
@pytest.mark.parametrize("action", ["refuse", "redact"])
@settings(max_examples=CASES // 5)
@given(body=planted(RICH), strip=st.booleans())
def test_no_place_of_a_request_lets_a_string_through(
    action: str, protections: dict[str, Protection], body: dict[str, Any], strip: bool
) -> None:
    assert not leaked(escaped(asyncio.run(sent(protections[action], body, strip))))


@pytest.mark.parametrize("text", FORGOTTEN)
def test_the_test_can_fail(text: str, protections: dict[str, Protection]) -> None:
    body = copy.deepcopy(RICH)
    body["messages"][3]["content"] = text
    assert leaked(escaped(asyncio.run(sent(protections["nothing"], body, False))))
    assert not leaked(escaped(asyncio.run(sent(protections["refuse"], body, False))))
