"""A request is rebuilt from what the contract lets through, and every string of it is scanned."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Limits
from gateway.errors import ApiError
from gateway.wire.chat.request import read_chat
from gateway.wire.contract import load_contract, wires
from gateway.wire.reading import KEY, NUMBER, rewritable, rewrite
from gateway.wire.reading import read as cleaned
from gateway.wire.request import Request
from policy.surface import Role

CONTRACTS = {wire: load_contract(wire) for wire in wires()}
CHAT = CONTRACTS["chat"]
# What each API requires.
LEAST: dict[str, dict[str, Any]] = {
    "chat": {"messages": []},
    "batch": {"messages": []},
    "messages": {"messages": [], "max_tokens": 5},
    "count_tokens": {"messages": []},
    "completions": {"prompt": "a"},
    "responses": {"input": "a"},
    "embeddings": {"input": "a"},
    "rerank": {"query": "a", "documents": []},
    "litellm": {"input_type": "request"},
}
USER = {"role": "user", "content": "Hello!"}


def read(*, strip_unknown: bool = False, **fields: Any) -> Request:
    body = {"model": "demo", "messages": [USER], **fields}
    return read_chat(CHAT, json.dumps(body).encode(), Limits(), strip_unknown)


def refused(**fields: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        read(**fields)
    assert caught.value.status == 400
    return caught.value


CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {
            "id": "FIND1",
            "type": "function",
            "function": {"name": "FIND2", "arguments": '{"FIND3": ["FIND4", 5551]}'},
        }
    ],
}
PLACES: dict[str, tuple[dict[str, Any], dict[str, Role]]] = {
    "a system message": ({"messages": [{"role": "system", "content": "FIND"}]}, {"FIND": Role.SYSTEM}),
    "a developer message": ({"messages": [{"role": "developer", "content": "FIND"}]}, {"FIND": Role.SYSTEM}),
    "a user message": ({"messages": [{"role": "user", "content": "FIND"}]}, {"FIND": Role.USER}),
    "a name": ({"messages": [{"role": "user", "content": "a", "name": "FIND"}]}, {"FIND": Role.USER}),
    "a tool message": (
        {"messages": [{"role": "tool", "content": "FIND", "tool_call_id": "FIND2"}]},
        {"FIND": Role.TOOL, "FIND2": Role.TOOL},
    ),
    "a function message": (
        {"messages": [{"role": "function", "name": "f", "content": "FIND"}]},
        {"FIND": Role.TOOL},
    ),
    "parts": (
        {
            "messages": [
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "FIND"}, {"type": "refusal", "refusal": "FIND2"}],
                }
            ]
        },
        {"FIND": Role.USER, "FIND2": Role.USER},
    ),
    "reasoning": (
        {
            "messages": [
                {"role": "assistant", "content": "a", "reasoning": "FIND", "reasoning_content": "FIND2"}
            ]
        },
        {"FIND": Role.ASSISTANT, "FIND2": Role.ASSISTANT},
    ),
    "a refusal": (
        {"messages": [{"role": "assistant", "content": None, "refusal": "FIND"}]},
        {"FIND": Role.ASSISTANT},
    ),
    "a tool call": (
        {"messages": [CALL]},
        {**{f"FIND{n}": Role.ASSISTANT for n in (1, 2, 3, 4)}, "5551": Role.ASSISTANT},
    ),
    "tools": (
        {
            "tools": [
                {
                    "type": "function",
                    "function": {
                        "name": "FIND",
                        "description": "FIND2",
                        "parameters": {"properties": {"FIND3": {"enum": ["FIND4", 5551]}}},
                    },
                }
            ]
        },
        {**dict.fromkeys(("FIND", "FIND2", "FIND3", "FIND4", "5551"), Role.SYSTEM)},
    ),
    "functions": ({"functions": [{"name": "FIND"}]}, {"FIND": Role.SYSTEM}),
    "a response format": (
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "n", "schema": {"const": "FIND"}},
            }
        },
        {"FIND": Role.SYSTEM},
    ),
    "choices": (
        {"structured_outputs": {"choice": ["FIND"], "regex": "FIND2"}},
        {"FIND": Role.SYSTEM, "FIND2": Role.SYSTEM},
    ),
    "a tool choice": (
        {"tool_choice": {"type": "function", "function": {"name": "FIND"}}},
        {"FIND": Role.SYSTEM},
    ),
    "documents": (
        {"documents": [{"title": "FIND", "text": "FIND2"}]},
        {"FIND": Role.DOCUMENT, "FIND2": Role.DOCUMENT},
    ),
    "stop strings": ({"stop": ["FIND", "FIND2"]}, {"FIND": Role.USER, "FIND2": Role.USER}),
    "a stop string": ({"stop": "FIND"}, {"FIND": Role.USER}),
    "bad words": ({"bad_words": ["FIND"]}, {"FIND": Role.USER}),
    "a developer's tools": (
        {"messages": [{"role": "developer", "content": "a", "tools": [{"FIND": "FIND2"}]}]},
        {"FIND": Role.SYSTEM, "FIND2": Role.SYSTEM},
    ),
}


@pytest.mark.parametrize(("fields", "expected"), PLACES.values(), ids=PLACES.keys())
def test_every_string_that_the_model_reads_is_a_segment(
    fields: dict[str, Any], expected: dict[str, Role]
) -> None:
    found = {segment.text: segment.role for segment in read(**fields).segments}
    assert expected.items() <= found.items()


def test_a_string_that_is_sent_on_is_a_segment_or_a_known_word() -> None:
    """The same for everything at once, by looking at the body that is sent."""
    fields = {
        name: value for found, _ in PLACES.values() for name, value in found.items() if name != "messages"
    }
    messages = [message for found, _ in PLACES.values() for message in found.get("messages", [])]
    request = read(**fields, messages=messages)
    scanned = {segment.text for segment in request.segments} | {json.dumps(True)}
    words = {"system", "developer", "user", "assistant", "tool", "function", "text", "refusal"}
    sent = {text for text in _strings(request.body) if not text.startswith("{")}
    assert sent - scanned - words == set()


def _strings(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for item in value for text in _strings(item)]
        case dict():
            return [text for item in value.values() for text in _strings(item)]
    return []


def test_escapes_in_arguments_do_not_hide_a_string() -> None:
    arguments = '{"note": "\\u0041lden \\u0043rane"}'
    call = {
        "role": "assistant",
        "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": arguments}}],
    }
    assert "Alden Crane" in {segment.text for segment in read(messages=[call]).segments}


@pytest.mark.parametrize("role", ["user", "tool", "assistant"])
def test_escapes_in_a_text_do_not_hide_a_string(role: str) -> None:
    """A tool's result is often JSON, written with escapes for all that is not ASCII."""
    said = json.dumps({"note": "A\nZoë \U0001f680 \ud800"})
    found = [segment.text for segment in read(messages=[{"role": role, "content": said}]).segments]
    assert found[0] == said
    assert "A Zoë" in found[1]
    assert len(found) == 2


def test_a_word_that_is_cut_over_parts_is_read_whole() -> None:
    parts = [{"type": "text", "text": text} for text in ("Where was Al", "den Cr", "ane born?")]
    request = read(messages=[{"role": "user", "content": parts}])
    assert [segment.text for segment in request.segments][-1] == "Where was Alden Crane born?"
    assert not rewritable(request.segments[-1].path)
    assert request.body["messages"] == [{"role": "user", "content": parts}]


def test_parts_that_end_with_their_words_are_read_once() -> None:
    parts = [{"type": "text", "text": text} for text in ("Where was ", "Alden ", "Crane born?")]
    request = read(messages=[{"role": "user", "content": parts}])
    assert [segment.text for segment in request.segments] == ["Where was ", "Alden ", "Crane born?"]


def test_names_and_ids_do_not_stand_between_texts() -> None:
    """A passage cut over two tool messages is one passage: no id may come between its halves."""
    messages = [{"role": "tool", "content": f"half {n}", "tool_call_id": f"call_{n}"} for n in (1, 2)]
    assert [segment.text for segment in read(messages=messages).segments] == [
        "call_1",
        "call_2",
        "half 1",
        "half 2",
    ]


DROPPED: dict[str, Any] = {
    "logprobs": True,
    "top_logprobs": 5,
    "user": "FIND",
    "metadata": {"a": "FIND"},
    "vllm_xargs": {"unsay": "FIND"},
    "ignore_eos": True,
    "min_tokens": 5,
    "skip_special_tokens": False,
    "cache_salt": "x",
    "priority": 3,
    "store": True,
    "prediction": {"type": "content", "content": "FIND"},
    "modalities": ["text"],
    "request_id": "x",
}


@pytest.mark.parametrize("name", DROPPED)
def test_a_stripped_field_is_accepted_and_not_sent_on(name: str) -> None:
    assert name not in read(**{name: DROPPED[name]}).body


REFUSED: dict[str, Any] = {
    "echo": True,
    "prompt_logprobs": 1,
    "logprob_token_ids": [1],
    "allowed_token_ids": [1],
    "use_beam_search": True,
    "kv_transfer_params": {"prompt_token_ids": [1]},
    "ec_transfer_params": {},
    "prompt_embeds": "x",
    "best_of": 2,
    "chat_template": "{{ x }}",
    "continue_final_message": True,
    "add_generation_prompt": False,
    "truncate_prompt_tokens": 10,
    "return_token_ids": True,
    "return_prompt_text": True,
    "mm_processor_kwargs": {},
    "web_search_options": {},
    "audio": {"voice": "a"},
    "unheard_of": 1,
    "modalities": ["audio"],
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_side_door_is_refused_by_name(name: str) -> None:
    error = refused(**{name: REFUSED[name]})
    assert error.param == name
    assert name in error.message


@pytest.mark.parametrize("name", ["echo", "prompt_logprobs", "use_beam_search", "chat_template"])
@pytest.mark.parametrize("value", [None, False])
def test_a_refused_field_that_asks_for_nothing_is_dropped(name: str, value: Any) -> None:
    assert name not in read(**{name: value}).body


def test_unknown_fields_can_be_stripped_instead() -> None:
    assert "unheard_of" not in read(strip_unknown=True, unheard_of="x").body


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "messages of the wrong kind": ({"messages": "Hello!"}, "messages"),
    "no messages": ({"messages": []}, "messages"),
    "null messages": ({"messages": None}, "messages"),
    "a message that is a string": ({"messages": ["Hello!"]}, "messages[0]"),
    "no role": ({"messages": [{"content": "a"}]}, "messages[0].role"),
    "a role of its own": ({"messages": [{"role": "narrator", "content": "a"}]}, "messages[0].role"),
    "a number as role": ({"messages": [{"role": 1, "content": "a"}]}, "messages[0].role"),
    "a number as content": ({"messages": [{"role": "user", "content": 1}]}, "messages[0].content"),
    "a string as part": ({"messages": [{"role": "user", "content": ["a"]}]}, "messages[0].content[0]"),
    "an image": (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
        "messages[0].content[0].type",
    ),
    "an unknown field in a message": ({"messages": [{**USER, "weight": 1}]}, "messages[0].weight"),
    "an unknown field in a part": (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a", "data": "b"}]}]},
        "messages[0].content[0].data",
    ),
    "arguments that are not JSON": (
        {
            "messages": [
                {
                    "role": "assistant",
                    "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{"}}],
                }
            ]
        },
        "messages[0].tool_calls[0].function.arguments",
    ),
    "a string as temperature": ({"temperature": "hot"}, "temperature"),
    "a truth as n": ({"n": True}, "n"),
    "no choices": ({"n": 0}, "n"),
    "too many choices": ({"n": 9}, "n"),
    "a string as stream": ({"stream": "yes"}, "stream"),
    "stream options without a stream": ({"stream_options": {"include_usage": True}}, "stream_options"),
    "a number as stop": ({"stop": 1}, "stop"),
    "biases by word": ({"logit_bias": {"Crane": 1}}, "logit_bias"),
    "too many biases": ({"logit_bias": {str(n): 1 for n in range(301)}}, "logit_bias"),
    "template arguments of its own": (
        {"chat_template_kwargs": {"system": "FIND"}},
        "chat_template_kwargs.system",
    ),
    "an effort of its own": ({"reasoning_effort": "FIND"}, "reasoning_effort"),
}


@pytest.mark.parametrize(("fields", "place"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_value_is_told_with_its_place_and_without_its_text(
    fields: dict[str, Any], place: str
) -> None:
    error = refused(**fields)
    assert error.param == place
    assert error.message.startswith(place)
    assert "FIND" not in error.message


@pytest.mark.parametrize("raw", [b"[]", b'"a"', b"1", b"null", b"{}"])
def test_a_body_that_is_no_request_is_refused(raw: bytes) -> None:
    with pytest.raises(ApiError, match="expected"):
        read_chat(CHAT, raw, Limits())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=8,
)


FIELDS = [(wire, name) for wire in wires() for name in CONTRACTS[wire].shapes[CONTRACTS[wire].root]]


def outcome(wire: str = "chat", **fields: Any) -> int:
    try:
        json.dumps(cleaned(CONTRACTS[wire], LEAST.get(wire, {}) | fields).body)
    except ApiError as error:
        return error.status
    return 200


@given(st.sampled_from(FIELDS), JSON)
def test_whatever_a_field_holds_it_is_read_or_refused(field: tuple[str, str], value: Any) -> None:
    wire, name = field
    assert outcome(wire, **{name: value}) in (200, 400)


@given(JSON)
def test_whatever_a_message_holds_it_is_read_or_refused(value: object) -> None:
    for messages in (
        [value],
        [{"role": "user", "content": value}],
        [{"role": "assistant", "tool_calls": value}],
    ):
        assert outcome(messages=messages) in (200, 400)


MACHINE_READ = {
    "JSON": {"response_format": {"type": "json_object"}},
    "a schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}},
    "a grammar": {"structured_outputs": {"choice": ["a"]}},
    "a forced tool": {"tool_choice": {"type": "function", "function": {"name": "f"}}},
    "any tool": {"tool_choice": "required"},
}


@pytest.mark.parametrize("fields", MACHINE_READ.values(), ids=MACHINE_READ.keys())
def test_what_a_program_parses_is_machine_read(fields: dict[str, Any]) -> None:
    assert read(**fields).machine_read


@pytest.mark.parametrize("fields", [{}, {"response_format": {"type": "text"}}, {"tool_choice": "auto"}])
def test_prose_is_not_machine_read(fields: dict[str, Any]) -> None:
    assert not read(**fields).machine_read


def test_a_text_can_be_rewritten_inside_json_that_stands_as_text() -> None:
    request = read(messages=[CALL])
    found = next(segment for segment in request.segments if segment.text == "FIND4")
    assert rewritable(found.path)
    rewrite(request.body, found.path, "[removed]")
    messages: Any = request.body["messages"]
    assert json.loads(messages[0]["tool_calls"][0]["function"]["arguments"]) == {"FIND3": ["[removed]", 5551]}


def test_keys_numbers_and_names_cannot_be_rewritten() -> None:
    fixed = {segment.text for segment in read(messages=[CALL]).segments if not rewritable(segment.path)}
    assert fixed == {"FIND1", "FIND2", "FIND3", "5551"}
    assert {path[-1] for path in (segment.path for segment in read(messages=[CALL]).segments)} > {KEY, NUMBER}


@pytest.mark.parametrize("wire", wires())
def test_the_least_of_a_request_is_read(wire: str) -> None:
    """Or the test of what its fields hold would try nothing."""
    assert outcome(wire) == 200
