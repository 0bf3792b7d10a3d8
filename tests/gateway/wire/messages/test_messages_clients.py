"""What the official client makes of messages: clean and withheld ones, whole, parsed and streamed."""

import asyncio
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import anthropic
import pytest
from pydantic import BaseModel

from tests.gateway.canned import Canned, stream
from tests.gateway.running import NOTICE, Running
from tests.gateway.wire.messages.asking import client, created, prepared, shown, streamed
from tests.gateway.wire.messages.spoken import call, encoded, events, spoken, text, thought
from tests.gateway.wire.saying import Says, saying

ASKED: Any = [{"role": "user", "content": "Who is Alden Crane?"}]
CLEAN = (thought("I think ", "so."), text("A ", "lamp ", "turns."), call('{"place"', ": 1}"))
LEAK = ("He lives. The number of Alden ", "Crane is 555-", "201-3391, and he answers.")


class Person(BaseModel):
    name: str


@pytest.fixture
def says(canned: Canned) -> Iterator[Says]:
    with saying(canned, spoken) as say:
        yield say


def test_a_clean_answer_is_the_model_servers_own(canned: Canned, strict: Running, says: Says) -> None:
    says(*CLEAN, stop="tool_use")
    direct = created(canned.base_url)
    for told in (created(strict.base_url), streamed(strict)[1]):
        assert shown(told) == shown(direct)
        assert told.id.startswith("msg_")
    assert [block.type for block in direct.content] == ["thinking", "text", "tool_use"]


def test_a_clean_stream_has_the_events_of_the_model_server(
    canned: Canned, strict: Running, says: Says
) -> None:
    says(*CLEAN, stop="tool_use")
    direct, _ = streamed(Running(canned.port, strict.audit))
    told, _ = streamed(strict)
    # A text may come in more pieces, or in fewer.
    assert kinds(told) == [kind for kind in kinds(direct) if kind != ("signature", None)]
    assert {event.type for event in told} >= {
        "message_start",
        "text",
        "thinking",
        "input_json",
        "message_stop",
    }


def kinds(told: list[Any]) -> list[tuple[str, int | None]]:
    """Of the events, those of one kind and one block that follow each other as one."""
    named = [(event.type, getattr(event, "index", None)) for event in told]
    dropped = [each for each in named if each[0] not in ("content_block_delta",)]
    return [kind for kind, _ in groupby(dropped)]


@pytest.mark.parametrize(
    "fields",
    [
        {"messages": ASKED},
        {"system": "Alden Crane"},
        {"system": [{"type": "text", "text": "Alden Crane"}]},
        {"tools": [{"name": "look", "description": "Alden Crane", "input_schema": {"type": "object"}}]},
        {"stop_sequences": ["Alden Crane"]},
    ],
)
def test_a_prompt_that_is_refused_is_answered_like_one_that_nobody_knows(
    strict: Running, canned: Canned, says: Says, fields: dict[str, Any]
) -> None:
    says(text(NOTICE))
    known = created(strict.base_url)
    assert canned.asked, "a clean prompt goes on"
    canned.asked.clear()
    for told in (created(strict.base_url, **fields), streamed(strict, **fields)[1]):
        assert told.usage.input_tokens > 0
        told.usage = known.usage
        assert shown(told) == shown(known)
        assert told.stop_reason == "end_turn"
    assert not canned.asked


def test_what_is_withheld_is_withheld_in_every_block(strict: Running, says: Says) -> None:
    says(thought(*LEAK), text(*LEAK), call('{"to": "', *LEAK, '"}'), stop="tool_use")
    whole = created(strict.base_url)
    listed, final = streamed(strict)
    for told in (whole, *listed, final):
        assert "Crane" not in (said := told.model_dump_json(warnings=False))
        assert "201" not in said
    for message in (whole, final):
        assert NOTICE in message.model_dump_json(warnings=False)
        assert message.stop_reason == "end_turn"


def test_a_name_that_is_cut_over_two_blocks_is_one_name(strict: Running, canned: Canned, says: Says) -> None:
    says(text("It was Alden "), call("{}"), text("Crane, he said."), stop="tool_use")
    direct = created(canned.base_url).model_dump_json()
    assert "Alden " in direct
    assert "Crane" in direct
    for told in (created(strict.base_url), streamed(strict)[1]):
        said = told.model_dump_json(warnings=False)
        assert "Alden" not in said
        assert "Crane" not in said


def test_of_a_call_that_is_stopped_nothing_is_left_to_run(ending: Running, says: Says) -> None:
    says(text("I look."), call('{"place": "here", ', '"to": "Alden ', 'Crane"}'), stop="tool_use")
    for told in (created(ending.base_url), streamed(ending)[1]):
        assert [block.type for block in told.content] == ["text"]
        assert NOTICE in told.content[0].model_dump_json()
        assert told.stop_reason == "end_turn"


def test_beside_a_call_that_is_stopped_no_other_is_left_to_run(ending: Running, says: Says) -> None:
    says(call('{"a": 1}'), call('{"to": "Alden Crane"}', id="toolu_2"), stop="tool_use")
    listed, final = streamed(ending)
    for told in (created(ending.base_url), final):
        assert [block.type for block in told.content] == ["text"]
    assert "Crane" not in repr(listed)


def test_what_is_held_of_a_text_goes_out_before_the_call_that_follows_it(
    strict: Running, canned: Canned, says: Says
) -> None:
    says(text("It may be Alden"), call('{"a": 1}'), stop="tool_use")
    direct = created(canned.base_url)
    for told in (created(strict.base_url), streamed(strict)[1]):
        assert shown(told) == shown(direct)


def test_the_client_parses_or_is_told_of_a_refusal(strict: Running, says: Says) -> None:
    with client(strict.base_url) as asking:
        for said, name in (('{"name": "Ada"}', "Ada"), ('{"name": "Alden Crane"}', None)):
            says(text(said[:8], said[8:]))
            asked = prepared({"output_format": Person})
            with asking.messages.stream(**asked) as running:
                final = running.get_final_message()
            for told in (asking.messages.parse(**asked), final):
                assert told.parsed_output == (Person(name=name) if name else None)
                assert told.stop_reason == ("end_turn" if name else "refusal")
                assert (told.stop_details and told.stop_details.explanation) == (None if name else NOTICE)


def test_how_it_stopped_does_not_tell_the_next_word(strict: Running, says: Says) -> None:
    for stop, told in (("max_tokens", "max_tokens"), ("stop_sequence", "end_turn")):
        says(text("A lamp"), stop=stop, stop_sequence="555")
        for message in (created(strict.base_url), streamed(strict)[1]):
            assert (message.stop_reason, message.stop_sequence) == (told, None)


def test_what_is_cached_is_not_told_apart(strict: Running, says: Says) -> None:
    cached = {"input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 5}
    says(text("A lamp."), usage=cached)
    told = created(strict.base_url).usage
    assert (told.input_tokens, told.cache_read_input_tokens, told.output_tokens) == (7, None, 5)


def test_only_what_the_contract_sends_goes_on(strict: Running, canned: Canned, says: Says) -> None:
    says(text("A lamp."))
    extra = {"vllm_xargs": {"a": "b"}, "cache_salt": "x", "top_k": 3}
    created(strict.base_url, metadata={"user_id": "u"}, extra_body=extra)
    sent = canned.last
    assert sent.path == "/v1/messages"
    assert sent.json.keys() == {"model", "max_tokens", "messages", "top_k"}
    assert not sent.headers.keys() & {"x-api-key", "anthropic-version"}
    assert strict.records()[-1]["route"] == "messages"


def test_an_answer_that_comes_back_as_history_is_read_again(strict: Running, says: Says) -> None:
    says(*CLEAN, stop="tool_use")
    for message in (created(strict.base_url), streamed(strict)[1]):
        content = [block.model_dump(exclude_none=True) for block in message.content]
        history: Any = [*prepared({})["messages"], {"role": "assistant", "content": content}]
        result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "Alden Crane"}
        says(text("A lamp."))
        with_result = [*history, {"role": "user", "content": [result]}]
        assert created(strict.base_url, messages=with_result).content[0].model_dump()["text"] == NOTICE
        result["content"] = "It is here."
        assert created(strict.base_url, messages=with_result).content[0].model_dump()["text"] == "A lamp."
        says(*CLEAN, stop="tool_use")


def test_a_stream_that_is_cut_is_an_error_and_no_answer(strict: Running, canned: Canned) -> None:
    whole = encoded(events([text("A lamp ", "turns.")], "end_turn"))
    canned.play(stream(*whole[:-2]))
    with pytest.raises(anthropic.APIError, match="ended its answer early"):
        streamed(strict)


@pytest.mark.parametrize(
    "event",
    [
        b"data: nonsense\n\n",
        *encoded(
            [
                {"type": "new_event", "text": "x"},
                {"type": "ping", "text": "x"},
                {"type": "content_block_delta", "index": 0, "delta": {"type": "new_delta", "text": "x"}},
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": 1}},
                {"type": "content_block_delta", "index": -1, "delta": {"type": "text_delta", "text": "x"}},
                {"type": "content_block_start", "index": 1, "content_block": {"type": "redacted_thinking"}},
                {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "more": "x"}},
            ]
        ),
    ],
)
def test_an_event_that_cannot_be_checked_ends_the_answer(
    strict: Running, canned: Canned, event: bytes
) -> None:
    whole = encoded(events([text("A lamp ", "turns.")], "end_turn"))
    canned.play(stream(*whole[:3], event, *whole[3:]))
    with pytest.raises(anthropic.APIError, match="could not be checked"):
        streamed(strict)


def test_a_ping_says_nothing(strict: Running, canned: Canned) -> None:
    begun, *rest = encoded(events([text("A lamp.")], "end_turn"))
    canned.play(
        stream(b'event: ping\ndata: {"type": "ping"}\n\n', begun, *encoded([{"type": "ping"}]), *rest)
    )
    assert streamed(strict)[1].content[0].model_dump()["text"] == "A lamp."


@pytest.mark.parametrize(("said", "told"), [("Out of memory.", "Out of memory."), ("Alden Crane?", "failed")])
def test_an_error_of_the_model_server_ends_the_stream(
    strict: Running, canned: Canned, said: str, told: str
) -> None:
    begun = encoded(events([text("A lamp.")], "end_turn"))[:3]
    failed = {"type": "error", "error": {"type": "internal_error", "message": said}}
    canned.play(stream(*begun, *encoded([failed])))
    with pytest.raises(anthropic.APIStatusError, match=told) as caught:
        streamed(strict)
    assert caught.value.body == {
        "type": "error",
        "error": {"type": "api_error", "message": caught.value.body["error"]["message"]},  # type: ignore[index]
    }
    assert "Crane" not in str(caught.value)


def test_the_async_client_streams(strict: Running, says: Says) -> None:
    async def read() -> str:
        address = strict.base_url.removesuffix("/v1")
        async with (
            anthropic.AsyncAnthropic(base_url=address, api_key="none") as asking,
            asking.messages.stream(**prepared({})) as told,
        ):
            return "".join([each async for each in told.text_stream])

    says(text("A ", "lamp."))
    assert asyncio.run(read()) == "A lamp."


def test_the_client_of_what_is_new_is_answered_as_well(strict: Running, canned: Canned, says: Says) -> None:
    says(*CLEAN, stop="tool_use")
    asked = prepared({"betas": ["context-management-2025-06-27"]})
    with client(strict.base_url) as asking:
        whole = asking.beta.messages.create(**asked)
        with asking.beta.messages.stream(**asked) as told:
            final = told.get_final_message()
    for message in (whole, final):
        assert [block.type for block in message.content] == ["thinking", "text", "tool_use"]
    assert canned.last.path == "/v1/messages"
    assert not [name for name in canned.last.headers if name.startswith("anthropic")]


def test_what_is_held_of_a_thought_goes_out_before_the_text(strict: Running, says: Says) -> None:
    says(thought("It may be Alden"), text("A lamp."))
    assert [block.type for block in streamed(strict)[1].content] == ["thinking", "text"]
