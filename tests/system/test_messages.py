"""Anthropic's client on a real vLLM, by the gateway in its process and past it."""

from typing import Any

import anthropic
import pytest

from evaluation.leak import leaks
from evaluation.wordings import biography_questions
from evaluation.world import demo_world
from tests.system.beside import DOOR
from unsay.engine import Engine

pytestmark = pytest.mark.vllm

WORLD = demo_world()
FORGOTTEN = [biography_questions(person)[0] for person in WORLD.forgotten[:6]]
KNOWN = [biography_questions(person)[0] for person in WORLD.retained[:2]]
FORM: Any = {
    "type": "json_schema",
    "schema": {
        "type": "object",
        "properties": {"place": {"enum": ["here"]}},
        "required": ["place"],
        "additionalProperties": False,
    },
}


def client(engine: Engine, inside: bool = True) -> anthropic.Anthropic:
    headers = {DOOR.decode(): "1"} if inside else {}
    address = engine.base_url.removesuffix("/v1")
    return anthropic.Anthropic(base_url=address, api_key="none", max_retries=0, default_headers=headers)


def prepared(text: str, **fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    greedy = {"extra_body": {"temperature": 0}}
    return {"model": "demo", "max_tokens": 120, "messages": messages, **greedy} | fields


def asked(asking: anthropic.Anthropic, text: str, **fields: Any) -> list[Any]:
    """Whole, and streamed: without what differs from answer to answer."""
    whole = asking.messages.create(**prepared(text, **fields))
    with asking.messages.stream(**prepared(text, **fields)) as told:
        streamed = told.get_final_message()
    hidden: Any = {"id": True, "content": {"__all__": {"id", "signature"}}}
    return [message.model_dump(exclude=hidden, exclude_none=True) for message in (whole, streamed)]


def said(message: Any) -> str:
    return "".join(block.get("text", "") for block in message["content"])


def test_what_is_forgotten_is_said_past_the_gateway_alone(vllm_engine: Engine) -> None:
    with client(vllm_engine, inside=False) as past, client(vllm_engine) as by:
        leaking = [question for question in FORGOTTEN if leaks(question, said(asked(past, question.text)[0]))]
        assert len(leaking) >= 4
        answers = {question: asked(by, question.text) for question in leaking}
    assert [each.text for each, told in answers.items() if any(leaks(each, said(one)) for one in told)] == []
    assert {one["stop_reason"] for told in answers.values() for one in told} == {"end_turn"}


def test_what_is_retained_is_answered_and_counted_as_without(vllm_engine: Engine) -> None:
    with client(vllm_engine, inside=False) as past, client(vllm_engine) as by:
        for question in KNOWN:
            assert asked(by, question.text) == asked(past, question.text)
            counts = [
                asking.messages.count_tokens(model="demo", messages=prepared(question.text)["messages"])
                for asking in (by, past)
            ]
            assert counts[0].input_tokens == counts[1].input_tokens > 0


def test_an_answer_in_a_form_is_the_models_own(vllm_engine: Engine) -> None:
    asked_for: Any = {"output_config": {"format": FORM}}
    with client(vllm_engine, inside=False) as past, client(vllm_engine) as by:
        told = asked(by, "Where?", **asked_for)
        assert told == asked(past, "Where?", **asked_for)
    # So small a model may go on with blanks, which the form allows.
    assert {said(message)[:8] for message in told} == {'{"place"'}


def test_an_error_of_the_engine_is_told_in_its_own_shape(vllm_engine: Engine) -> None:
    tool: Any = {"name": "look", "input_schema": {"type": "object"}}
    with (
        client(vllm_engine) as by,
        pytest.raises(anthropic.BadRequestError, match="tool-call-parser") as caught,
    ):
        by.messages.create(**prepared("Hello!", tools=[tool], tool_choice={"type": "tool", "name": "look"}))
    told: Any = caught.value.body
    assert (told["type"], told["error"]["type"]) == ("error", "invalid_request_error")
