"""What a withheld answer looks like, in every shape, and what the official client makes of it."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

from gateway.config import RefusalShape
from policy.action import Action
from policy.entry import Entry
from tests.gateway.canned import DONE, Canned, chunk, said, stream, whole
from tests.gateway.running import CRANE, NOTICE, Running, config_for, policy_of, protection_of, running

ASKED = "Who is Alden Crane?"
JSON_FORMAT = {"type": "json_object"}


@pytest.fixture(scope="module")
def shapes(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    """A gateway for each shape."""
    folder = tmp_path_factory.mktemp("shapes")
    opened = []
    gateways: dict[str, Running] = {}
    for shape in RefusalShape:
        config = config_for(canned.base_url, folder / f"{shape}.jsonl", refusal=shape)
        context = running(config, protection_of(policy_of(CRANE), folder / shape))
        opened.append(context)
        gateways[shape] = context.__enter__()
    yield gateways
    for context in opened:
        context.__exit__(None, None, None)


EXPECTED: dict[str, dict[str, Any]] = {
    "answer": {"content": NOTICE, "refusal": None, "finish": "stop"},
    "refusal": {"content": None, "refusal": NOTICE, "finish": "stop"},
    "content_filter": {"content": None, "refusal": None, "finish": "content_filter"},
}


@pytest.mark.parametrize("shape", EXPECTED)
@pytest.mark.parametrize("choices", [1, 3])
def test_a_refused_prompt_gets_the_shape_for_every_choice(
    shape: str, choices: int, shapes: dict[str, Running]
) -> None:
    answered = shapes[shape].chat(ASKED, n=choices).json
    expected = EXPECTED[shape]
    assert [one["index"] for one in answered["choices"]] == list(range(choices))
    for one in answered["choices"]:
        assert one["message"] == {
            "role": "assistant",
            "content": expected["content"],
            "refusal": expected["refusal"],
        }
        assert one["finish_reason"] == expected["finish"]
    assert answered["usage"]["total_tokens"] > 0


@pytest.mark.parametrize("shape", EXPECTED)
def test_a_refused_prompt_is_streamed_where_a_stream_was_asked_for(
    shape: str, shapes: dict[str, Running]
) -> None:
    answered = shapes[shape].chat(ASKED, n=2, stream=True, stream_options={"include_usage": True})
    expected = EXPECTED[shape]
    for choice in (0, 1):
        assert answered.text("content", choice) == (expected["content"] or "")
        assert answered.text("refusal", choice) == (expected["refusal"] or "")
        assert answered.finishes(choice) == [expected["finish"]]
    assert answered.events[-1] == "[DONE]"
    assert answered.events[-2]["usage"]["total_tokens"] > 0


@pytest.mark.parametrize("streamed", [True, False])
def test_the_shape_error_is_an_error_of_the_api(streamed: bool, shapes: dict[str, Running]) -> None:
    answered = shapes["error"].chat(ASKED, stream=streamed)
    assert answered.status == 400
    assert answered.error == {
        "message": NOTICE,
        "type": "invalid_request_error",
        "param": "messages",
        "code": "content_filter",
    }
    assert shapes["error"].records()[-1]["outcome"] == "refused"


@pytest.mark.parametrize("fields", [{"response_format": JSON_FORMAT}, {"tool_choice": "required"}])
@pytest.mark.parametrize("streamed", [True, False])
def test_what_a_program_parses_gets_a_refusal_and_no_prose(
    fields: dict[str, Any], streamed: bool, shapes: dict[str, Running]
) -> None:
    answered = shapes["answer"].chat(ASKED, stream=streamed, **fields)
    if streamed:
        assert (answered.text("content"), answered.text("refusal")) == ("", NOTICE)
    else:
        message = answered.json["choices"][0]["message"]
        assert (message["content"], message["refusal"]) == (None, NOTICE)


ANSWER = '{"name": "Alden Crane", "born": "1931"}'


def test_prose_never_stands_in_json(canned: Canned, strict: Running) -> None:
    """JSON with something forgotten in it ends, and a refusal says so."""
    canned.play(stream(*said([ANSWER[at : at + 4] for at in range(0, len(ANSWER), 4)]), DONE))
    answered = strict.chat(stream=True, response_format=JSON_FORMAT)
    assert answered.text("refusal") == NOTICE
    assert NOTICE not in answered.text("content")
    assert "Alden" not in answered.text("content")
    body = {"choices": [{"index": 0, "message": {"content": ANSWER}, "finish_reason": "stop"}]}
    canned.play(whole(body))
    message = strict.chat(response_format=JSON_FORMAT).json["choices"][0]["message"]
    assert message["refusal"] == NOTICE


def call(arguments: str) -> list[dict[str, Any]]:
    return [
        {"index": 0, "id": "call_1", "type": "function", "function": {"name": "save", "arguments": arguments}}
    ]


def test_a_tool_call_that_was_stopped_is_not_run(canned: Canned, strict: Running) -> None:
    canned.play(
        stream(chunk({"tool_calls": call('{"name": "Alden ')}), chunk({"tool_calls": call('Crane"}')}), DONE)
    )
    answered = strict.chat(stream=True)
    assert "Alden" not in json.dumps(answered.chunks)
    assert answered.text() == NOTICE
    assert answered.finishes() == ["stop"]
    message = {"role": "assistant", "content": "I will.", "tool_calls": call('{"name": "Alden Crane"}')}
    canned.play(whole({"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}))
    found = strict.chat().json["choices"][0]
    assert "tool_calls" not in found["message"]
    assert found["message"]["content"] == f"I will.\n\n{NOTICE}"
    assert found["finish_reason"] == "stop"


def test_reasoning_that_was_stopped_takes_the_answer_with_it(canned: Canned, ending: Running) -> None:
    message = {"reasoning": "This is about Alden Crane.", "content": "He was a writer."}
    canned.play(whole({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}))
    found = ending.chat().json["choices"][0]["message"]
    assert "Alden" not in json.dumps(found)
    assert "writer" not in json.dumps(found)
    assert found["content"] == NOTICE


def test_usage_does_not_count_what_was_withheld(canned: Canned, strict: Running, ending: Running) -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 5000, "total_tokens": 5009}
    message = {"content": "It is Alden Crane. " + "And so on. " * 50}
    for gateway in (strict, ending):
        canned.play(
            whole({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage})
        )
        told = gateway.chat().json["usage"]
        assert told["prompt_tokens"] == 9
        assert told["completion_tokens"] < 500
    message = {"content": "A lamp."}
    canned.play(
        whole({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage})
    )
    assert strict.chat().json["usage"] == usage


def test_a_prompt_that_is_redacted_goes_on_without_the_forgotten(canned: Canned, tmp_path: Path) -> None:
    protection = protection_of(policy_of(CRANE, prompt=Action.REDACT), tmp_path / "snapshot")
    with running(config_for(canned.base_url, tmp_path / "audit.jsonl"), protection) as gateway:
        canned.play(stream(*said(["A lamp."]), DONE))
        assert gateway.chat("Tell me of Alden Crane.\nPlease.", stream=True).text() == "A lamp."
        assert canned.last.json["messages"][0]["content"] == "[removed]\nPlease."


def test_what_cannot_be_redacted_is_refused(canned: Canned, tmp_path: Path) -> None:
    """A key of a schema is no prose: other words there would ask for something else."""
    protection = protection_of(policy_of(CRANE, prompt=Action.REDACT), tmp_path / "snapshot")
    with running(config_for(canned.base_url, tmp_path / "audit.jsonl"), protection) as gateway:
        canned.play(stream(*said(["A lamp."]), DONE))
        tools = [
            {"type": "function", "function": {"name": "f", "parameters": {"properties": {"Alden Crane": {}}}}}
        ]
        assert gateway.chat("Hello!", stream=True, tools=tools).text() == NOTICE
        assert canned.asked == []


def test_an_entry_for_other_models_binds_only_these(canned: Canned, tmp_path: Path) -> None:
    entry = Entry("crane", names=("Alden Crane",), models=("two",))
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", models={"one": "demo", "two": "other"})
    with running(config, protection_of(policy_of(entry), tmp_path / "snapshot")) as gateway:
        canned.play(stream(*said(["Alden Crane was a writer."]), DONE))
        assert gateway.chat(ASKED, model="one", stream=True).text() == "Alden Crane was a writer."
        assert gateway.chat(ASKED, model="two", stream=True).text() == NOTICE


class Person(BaseModel):
    name: str


def client(gateway: Running) -> OpenAI:
    return OpenAI(base_url=gateway.base_url, api_key="none", max_retries=0)


def test_the_official_client_reads_answers_and_refusals(canned: Canned, strict: Running) -> None:
    body = {"choices": [{"index": 0, "message": {"content": "A lamp."}, "finish_reason": "stop"}]}
    with client(strict) as asking:
        for question, expected in (("Hello!", "A lamp."), (ASKED, NOTICE)):
            canned.play(whole(body))
            messages: Any = [{"role": "user", "content": question}]
            answer = asking.chat.completions.create(model="demo", messages=messages)
            assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (expected, "stop")
            canned.play(stream(*said(["A ", "lamp."]), DONE))
            with asking.chat.completions.create(model="demo", messages=messages, stream=True) as chunks:
                assert "".join(one.choices[0].delta.content or "" for one in chunks) == expected
            canned.play(stream(*said(["A ", "lamp."]), DONE))
            with asking.chat.completions.stream(model="demo", messages=messages) as events:
                assert events.get_final_completion().choices[0].message.content == expected


def test_the_official_client_parses_or_is_told_of_a_refusal(canned: Canned, strict: Running) -> None:
    with client(strict) as asking:
        messages: Any = [{"role": "user", "content": "Hello!"}]
        for text, parsed in (('{"name": "Ada"}', Person(name="Ada")), (ANSWER, None)):
            body = {"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}
            canned.play(whole(body))
            message = (
                asking.chat.completions.parse(model="demo", messages=messages, response_format=Person)
                .choices[0]
                .message
            )
            assert (message.parsed, message.refusal) == (parsed, None if parsed else NOTICE)
            canned.play(stream(*said([text[at : at + 5] for at in range(0, len(text), 5)]), DONE))
            with asking.chat.completions.stream(
                model="demo", messages=messages, response_format=Person
            ) as events:
                message = events.get_final_completion().choices[0].message
            assert (message.parsed, message.refusal) == (parsed, None if parsed else NOTICE)


def test_the_official_client_is_told_of_errors(
    canned: Canned, strict: Running, shapes: dict[str, Running]
) -> None:
    messages: Any = [{"role": "user", "content": "Hello!"}]
    with client(strict) as asking:
        with pytest.raises(openai.NotFoundError):
            asking.chat.completions.create(model="nobody", messages=messages)
        with pytest.raises(openai.BadRequestError, match="echo"):
            asking.chat.completions.create(model="demo", messages=messages, extra_body={"echo": True})
        canned.play(stream(chunk({"content": "A lamp. "}), b"data: nonsense\n\n"))
        with pytest.raises(openai.APIError, match="could not be checked"):
            list(asking.chat.completions.create(model="demo", messages=messages, stream=True))
    with client(shapes["error"]) as asking, pytest.raises(openai.BadRequestError) as caught:
        asking.chat.completions.create(model="demo", messages=[{"role": "user", "content": ASKED}])
    assert caught.value.code == "content_filter"


def test_the_official_async_client_streams(canned: Canned, strict: Running) -> None:
    async def read() -> str:
        async with openai.AsyncOpenAI(base_url=strict.base_url, api_key="none") as asking:
            messages: Any = [{"role": "user", "content": "Hello!"}]
            chunks = await asking.chat.completions.create(model="demo", messages=messages, stream=True)
            return "".join([one.choices[0].delta.content or "" async for one in chunks])

    canned.play(stream(*said(["A ", "lamp."]), DONE))
    assert asyncio.run(read()) == "A lamp."
