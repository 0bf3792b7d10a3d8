"""Whatever a model server puts wherever, no forgotten string comes out: as a value, as a key, in any place.

This does not know which fields there are. It takes a rich event and plants a string somewhere in it.
"""

import asyncio
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import ApiError
from gateway.protection import Protection
from gateway.stream import Stream
from gateway.whole import whole_answer
from gateway.wire.answer import WireError
from tests.gateway.running import CRANE, policy_of, protection_of
from tests.gateway.test_leaks import (
    CHAT,
    answer_of,
    in_chunks,
    leaked,
    refusal,
    request_for,
    strings,
    writer_of,
)
from tests.laws import CASES

RICH: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "demo",
    "service_tier": None,
    "system_fingerprint": "vllm-1",
    "prompt_token_ids": [1],
    "choices": [
        {
            "index": 0,
            "delta": {
                "role": "assistant",
                "content": "A lamp.",
                "reasoning": "It turns.",
                "tool_calls": [
                    {
                        "index": 0,
                        "id": "1",
                        "type": "function",
                        "function": {"name": "f", "arguments": '{"a": 1}'},
                    }
                ],
                "function_call": {"name": "f", "arguments": "{}"},
            },
            "logprobs": {"content": [{"token": "A", "bytes": [1], "top_logprobs": []}]},
            "finish_reason": "stop",
            "stop_reason": None,
            "token_ids": [1, 2],
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "prompt_tokens_details": None},
}
FORGOTTEN = ("Alden Crane", "555-201-3391", '{"a": "Alden Crane"}')

Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, child in children:
        yield from places(child, (*path, name))


@st.composite
def planted(draw: st.DrawFn, event: dict[str, Any]) -> dict[str, Any]:
    """The event with a forgotten string in place of something, beside something, or as a name."""
    event = copy.deepcopy(event)
    *way, last = draw(st.sampled_from([place for place in places(event) if place]))
    text = draw(st.sampled_from(FORGOTTEN))
    new = draw(st.sampled_from([text, [text], {"text": text}, {text: 1}, [{"a": [text]}]]))
    node: Any = event
    for step in way:
        node = node[step]
    match draw(st.sampled_from(["instead", "beside", "name"])):
        case "beside" if isinstance(node, dict):
            node[
                draw(
                    st.sampled_from(
                        ["more", "text", "thoughts", "message", "delta", "content", "refusal", "id"]
                    )
                )
            ] = new
        case "name" if isinstance(node, dict):
            node[text] = node.pop(last)
        case _:
            node[last] = new
    return event


@pytest.fixture(scope="module")
def protections(tmp_path_factory: pytest.TempPathFactory) -> tuple[Protection, Protection]:
    folder = tmp_path_factory.mktemp("closed")
    return protection_of(policy_of(CRANE), folder / "a"), protection_of(policy_of(), folder / "b")


async def streamed(protection: Protection, event: dict[str, Any]) -> list[Any]:
    request = request_for(1)
    running = Stream(answer_of(protection, request), writer_of(request), refusal(), request)
    try:
        heard = CHAT.heard(json.dumps(event).encode(), 1, streamed=True)
        return [*(await running.events(heard)), *running.last()]
    except WireError as error:
        return [str(error)]
    except ApiError as error:
        return [error.body()]


async def whole(protection: Protection, event: dict[str, Any]) -> Any:
    try:
        heard = CHAT.heard(json.dumps(event).encode(), 1, streamed=False)
        told = await whole_answer(heard, answer_of(protection, request_for(1)), refusal(), 1)
        return writer_of(request_for(1)).whole(told.choices, told.usage)
    except WireError as error:
        return str(error)


def as_whole(event: dict[str, Any]) -> dict[str, Any]:
    event = copy.deepcopy(event)
    event["choices"][0]["message"] = event["choices"][0].pop("delta")
    return event


@pytest.mark.law
@settings(max_examples=CASES // 5)
@given(event=planted(RICH))
def test_no_place_of_an_event_lets_a_string_out(
    protections: tuple[Protection, Protection], event: dict[str, Any]
) -> None:
    assert not leaked(in_chunks(asyncio.run(streamed(protections[0], event))))


@pytest.mark.law
@settings(max_examples=CASES // 5)
@given(body=planted(as_whole(RICH)))
def test_no_place_of_a_whole_answer_lets_a_string_out(
    protections: tuple[Protection, Protection], body: dict[str, Any]
) -> None:
    assert not leaked(strings(asyncio.run(whole(protections[0], body))))


def test_the_test_can_fail(protections: tuple[Protection, Protection]) -> None:
    event = json.loads(json.dumps(RICH).replace("A lamp.", "Alden Crane"))
    assert leaked(in_chunks(asyncio.run(streamed(protections[1], event))))
    assert not leaked(in_chunks(asyncio.run(streamed(protections[0], event))))
