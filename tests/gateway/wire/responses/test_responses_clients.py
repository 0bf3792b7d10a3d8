"""What the official client makes of responses: clean and withheld ones, whole, parsed and streamed."""

import asyncio
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from tests.gateway.canned import Canned, stream
from tests.gateway.running import NOTICE, Running
from tests.gateway.wire.responses.spoken import call, encoded, events, message, spoken, thought
from tests.gateway.wire.saying import Says, saying

ASKED = "Who is Alden Crane?"
CLEAN = (thought("I think ", "so."), message("A ", "lamp ", "turns."), call('{"place"', ": 1}"))
LEAK = ("He lives. The number of Alden ", "Crane is 555-", "201-3391, and he answers.")


class Person(BaseModel):
    name: str


@pytest.fixture
def says(canned: Canned) -> Iterator[Says]:
    with saying(canned, spoken) as say:
        yield say


def client(base_url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)


def created(gateway: Running, **asked: Any) -> Any:
    with client(gateway.base_url) as asking:
        return asking.responses.create(model="demo", **{"input": "Hello!"} | asked)


def streamed(gateway: Running, **asked: Any) -> tuple[list[Any], Any]:
    """The events, and what the client puts together from them."""
    with (
        client(gateway.base_url) as asking,
        asking.responses.stream(model="demo", **{"input": "Hello!"} | asked) as told,
    ):
        return list(told), told.get_final_response()


def shown(response: Any) -> list[Any]:
    """The items without what differs from answer to answer."""
    without = {"id": True, "content": {"__all__": {"logprobs", "parsed"}}, "parsed_arguments": True}
    return [item.model_dump(exclude=without, exclude_none=True) for item in response.output]


def test_a_clean_answer_is_the_model_servers_own(canned: Canned, strict: Running, says: Says) -> None:
    says(*CLEAN)
    with client(canned.base_url) as asking:
        direct = asking.responses.create(model="demo", input="Hello!")
    for told in (created(strict), streamed(strict)[1]):
        assert shown(told) == shown(direct)
        assert (told.output_text, told.status, told.usage.output_tokens) == ("A lamp turns.", "completed", 5)
        assert told.id != direct.id


def test_a_clean_stream_has_the_events_of_the_model_server(strict: Running, says: Says) -> None:
    says(*CLEAN)
    told, _ = streamed(strict)
    expected = [event["type"] for event in events(CLEAN)]
    # A text may come in more pieces, or in fewer.
    assert [kind for kind, _ in groupby(event.type for event in told)] == [
        kind for kind, _ in groupby(expected)
    ]
    assert [event.sequence_number for event in told] == list(range(len(told)))


@pytest.mark.parametrize(
    "fields", [{}, {"instructions": "Alden Crane"}, {"input": [{"role": "user", "content": ASKED}]}]
)
def test_a_prompt_that_is_refused_is_answered_like_one_that_nobody_knows(
    strict: Running, canned: Canned, says: Says, fields: dict[str, Any]
) -> None:
    says(message(NOTICE))
    known = created(strict)
    assert canned.asked, "a clean prompt goes on"
    canned.asked.clear()
    for told in (
        created(strict, **{"input": ASKED} | fields),
        streamed(strict, **{"input": ASKED} | fields)[1],
    ):
        assert shown(told) == shown(known)
        assert (told.output_text, told.status) == (NOTICE, "completed")
    assert not canned.asked


def test_what_is_withheld_is_withheld_wherever_it_is_said_again(strict: Running, says: Says) -> None:
    says(thought(*LEAK), message(*LEAK), call('{"to": "', *LEAK, '"}'))
    whole = created(strict)
    listed, final = streamed(strict)
    for told in (whole, *listed, final):
        assert "Crane" not in (said := told.model_dump_json(warnings=False))
        assert "201" not in said
    assert NOTICE in whole.model_dump_json(warnings=False)
    assert NOTICE in final.model_dump_json(warnings=False)


def test_what_is_said_before_a_call_stands_before_it_where_a_program_reads_it_too(
    strict: Running, canned: Canned, says: Says
) -> None:
    says(message("I look."), call('{"place": 1}'))
    forced: Any = {"type": "function", "name": "look"}
    for told in (created(strict, tool_choice=forced), streamed(strict, tool_choice=forced)[1]):
        assert [item.type for item in told.output] == ["message", "function_call"]


def test_the_end_of_a_call_says_its_name(strict: Running, says: Says) -> None:
    says(call('{"place": 1}', name="look"))
    listed, _ = streamed(strict)
    ends = [event for event in listed if event.type == "response.function_call_arguments.done"]
    assert [event.name for event in ends] == ["look"]


def test_of_a_call_that_is_stopped_nothing_is_left_to_run(ending: Running, says: Says) -> None:
    says(message("I look."), call('{"to": "Alden Crane"}'))
    for told in (created(ending), streamed(ending)[1]):
        assert [item.type for item in told.output if item.type == "function_call" and item.arguments] == []
        assert NOTICE in told.output_text


def test_the_client_parses_or_is_told_of_a_refusal(strict: Running, says: Says) -> None:
    with client(strict.base_url) as asking:
        for text, parsed in (('{"name": "Ada"}', Person(name="Ada")), ('{"name": "Alden Crane"}', None)):
            says(message(text[:8], text[8:]))
            told: Any = asking.responses.parse(model="demo", input="Hello!", text_format=Person)
            assert told.output_parsed == parsed
            refusals = [
                each.refusal for item in told.output for each in item.content if each.type == "refusal"
            ]
            assert refusals == ([] if parsed else [NOTICE])
            with asking.responses.stream(model="demo", input="Hello!", text_format=Person) as running:
                assert running.get_final_response().output_parsed == parsed


def test_an_answer_that_is_cut_off_is_incomplete(strict: Running, says: Says) -> None:
    says(message("A lamp"), status="incomplete")
    for told in (created(strict), streamed(strict)[1]):
        assert (told.status, told.incomplete_details.reason) == ("incomplete", "max_output_tokens")
        assert [item.status for item in told.output] == ["incomplete"]


def test_nothing_is_stored_and_shadows_are_not_asked_for(strict: Running, canned: Canned, says: Says) -> None:
    says(message("A lamp."))
    include: Any = ["message.output_text.logprobs", "reasoning.encrypted_content"]
    told = created(strict, include=include, top_logprobs=5, store=True, temperature=0.5)
    sent = canned.last
    assert (sent.path, sent.json["store"]) == ("/v1/responses", False)
    assert not sent.json.keys() & {"include", "top_logprobs", "logprobs"}
    assert (told.store, told.temperature) == (False, 0.5)
    assert strict.records()[-1]["route"] == "responses"


@pytest.mark.parametrize(
    "field",
    [
        {"previous_response_id": "resp_1"},
        {"background": True},
        {"conversation": "c"},
        {"prompt": {"id": "p"}},
        {"tools": [{"type": "web_search"}]},
        {"tools": [{"type": "mcp", "server_label": "a", "server_url": "http://a"}]},
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
        {"truncation": "auto"},
        {"kv_transfer_params": {"prompt_token_ids": [1]}},
        {"input": []},
        {"input": ""},
        {"unheard_of": 1},
    ],
)
def test_what_is_stored_elsewhere_or_run_elsewhere_is_refused(
    strict: Running, canned: Canned, says: Says, field: dict[str, Any]
) -> None:
    says(message("A lamp."))
    with pytest.raises(openai.BadRequestError) as caught:
        created(strict, input=field.get("input", "Hello!"), extra_body=field)
    assert caught.value.param is not None
    assert caught.value.param.split(".")[0].split("[")[0] in field
    assert not canned.asked


def test_a_stream_that_breaks_is_an_error_and_no_answer(strict: Running, canned: Canned) -> None:
    whole = encoded(events([message("A lamp ", "turns.")]))
    for pieces in (
        whole[:6],
        [*whole[:5], b"data: nonsense\n\n"],
        [*whole[:5], *encoded([{"type": "new.event", "text": "x"}])],
    ):
        canned.play(stream(*pieces))
        with client(strict.base_url) as asking, pytest.raises(openai.APIError):
            list(asking.responses.create(model="demo", input="Hello!", stream=True))


def test_an_error_of_the_model_server_ends_the_stream(strict: Running, canned: Canned) -> None:
    begun = encoded(events([message("A lamp.")]))[:5]
    for failed in (
        {"type": "error", "message": "Out of memory.", "code": None, "param": None},
        {"type": "response.failed", "response": {"error": {"message": "Out of memory."}}},
        {"type": "error", "error": {"message": "Out of memory."}},
    ):
        canned.play(stream(*begun, *encoded([failed])))
        with client(strict.base_url) as asking, pytest.raises(openai.APIError, match="Out of memory"):
            list(asking.responses.create(model="demo", input="Hello!", stream=True))


def test_the_async_client_streams(strict: Running, says: Says) -> None:
    async def read() -> str:
        async with openai.AsyncOpenAI(base_url=strict.base_url, api_key="none") as asking:
            told = await asking.responses.create(model="demo", input="Hello!", stream=True)
            return "".join(
                [event.delta async for event in told if event.type == "response.output_text.delta"]
            )

    says(message("A ", "lamp."))
    assert asyncio.run(read()) == "A lamp."
