"""Who said what: every string of every API is scanned in the role of who supplied it."""

from typing import Any

import pytest

from gateway.errors import ApiError
from gateway.wire.contract import load_contract
from gateway.wire.reading import Reading, read, rewritable, rewrite
from policy.surface import Role

SYSTEM, USER, ASSISTANT, TOOL, DOCUMENT = Role
ITEMS: list[dict[str, Any]] = [
    {"role": "developer", "content": "FIND1"},
    {"role": "user", "content": [{"type": "input_text", "text": "FIND2"}]},
    {"type": "reasoning", "id": "r", "summary": [], "content": [{"type": "reasoning_text", "text": "FIND3"}]},
    {"type": "function_call", "call_id": "c", "name": "FIND4", "arguments": '{"FIND5": "FIND6"}'},
    {"type": "function_call_output", "call_id": "c", "output": "FIND7"},
    {"type": "custom_tool_call", "call_id": "d", "name": "g", "input": "FIND8"},
    {"type": "custom_tool_call_output", "call_id": "d", "output": [{"type": "input_text", "text": "FIND9"}]},
    {
        "type": "message",
        "role": "assistant",
        "id": "m",
        "content": [{"type": "output_text", "text": "FIND10"}],
    },
]
BLOCKS: list[dict[str, Any]] = [
    {"role": "user", "content": [{"type": "text", "text": "FIND1"}]},
    {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "FIND2", "signature": "s"},
            {"type": "tool_use", "id": "t", "name": "FIND3", "input": {"FIND4": ["FIND5", 5551]}},
        ],
    },
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "FIND6"}]},
            {
                "type": "document",
                "title": "FIND7",
                "source": {"type": "text", "media_type": "text/plain", "data": "FIND8"},
            },
        ],
    },
]
SAID: dict[str, tuple[str, dict[str, Any], dict[str, Role]]] = {
    "a prompt": ("completions", {"prompt": "FIND1", "suffix": "FIND2"}, {"FIND1": USER, "FIND2": USER}),
    "prompts": ("completions", {"prompt": ["FIND1", "FIND2"]}, {"FIND1": USER, "FIND2": USER}),
    "a form": ("completions", {"prompt": "a", "structured_outputs": {"regex": "FIND1"}}, {"FIND1": SYSTEM}),
    "an input": ("responses", {"input": "FIND1", "instructions": "FIND2"}, {"FIND1": USER, "FIND2": SYSTEM}),
    "items": (
        "responses",
        {"input": ITEMS},
        {"FIND1": SYSTEM, "FIND2": USER}
        | dict.fromkeys(("FIND3", "FIND4", "FIND5", "FIND6", "FIND8", "FIND10"), ASSISTANT)
        | {"FIND7": TOOL, "FIND9": TOOL},
    ),
    "tools of responses": (
        "responses",
        {
            "input": "a",
            "tools": [
                {"type": "function", "name": "f", "description": "FIND1", "parameters": {"enum": ["FIND2"]}},
                {"type": "custom", "name": "g", "format": {"type": "grammar", "definition": "FIND3"}},
                {
                    "type": "namespace",
                    "name": "n",
                    "description": "FIND4",
                    "tools": [{"type": "custom", "name": "FIND5"}],
                },
            ],
        },
        {f"FIND{n}": SYSTEM for n in range(1, 6)},
    ),
    "blocks": (
        "messages",
        {"max_tokens": 5, "system": [{"type": "text", "text": "FIND0"}], "messages": BLOCKS},
        {"FIND0": SYSTEM, "FIND1": USER, "FIND6": TOOL, "FIND7": DOCUMENT, "FIND8": DOCUMENT}
        | dict.fromkeys(("FIND2", "FIND3", "FIND4", "FIND5", "5551"), ASSISTANT),
    ),
    "tools of messages": (
        "count_tokens",
        {
            "messages": [],
            "tools": [{"name": "f", "description": "FIND1", "input_schema": {"FIND2": {"pattern": "FIND3"}}}],
        },
        {f"FIND{n}": SYSTEM for n in range(1, 4)},
    ),
    "texts to embed": ("embeddings", {"input": ["FIND1", "FIND2"]}, {"FIND1": USER, "FIND2": USER}),
    "documents to rank": (
        "rerank",
        {"query": "FIND1", "documents": ["FIND2", "FIND3"], "instruction": "FIND4"},
        {"FIND1": USER, "FIND2": DOCUMENT, "FIND3": DOCUMENT, "FIND4": SYSTEM},
    ),
    "texts to score": ("score", {"text_1": "FIND1", "text_2": ["FIND2"]}, {"FIND1": USER, "FIND2": DOCUMENT}),
}


def reading(wire: str, body: dict[str, Any]) -> Reading:
    return read(load_contract(wire), body)


@pytest.mark.parametrize(("wire", "body", "expected"), SAID.values(), ids=SAID)
def test_a_string_has_the_role_of_who_supplied_it(
    wire: str, body: dict[str, Any], expected: dict[str, Role]
) -> None:
    found = {segment.text: segment.role for segment in reading(wire, body).segments}
    assert expected.items() <= found.items()


@pytest.mark.parametrize(
    ("wire", "field", "said"), [("responses", "input", ITEMS), ("messages", "messages", BLOCKS)]
)
def test_a_segment_knows_in_which_message_it_stands(wire: str, field: str, said: list[Any]) -> None:
    segments = reading(
        wire, {"max_output_tokens" if wire == "responses" else "max_tokens": 5, field: said}
    ).segments
    assert {segment.message for segment in segments} == set(range(len(said)))
    assert {segment.path[:2] for segment in segments} == {(field, place) for place in range(len(said))}


def test_only_words_that_nothing_rests_on_can_be_rewritten() -> None:
    found = reading("messages", {"max_tokens": 5, "stop_sequences": ["FIND9"], "messages": BLOCKS})
    fixed = {segment.text for segment in found.segments if not rewritable(segment.path)}
    assert fixed == {"t", "FIND3", "FIND4", "5551", "FIND9"}
    changed = next(segment for segment in found.segments if segment.text == "FIND5")
    rewrite(found.body, changed.path, "[removed]")
    said: Any = found.body["messages"]
    assert said[1]["content"][1]["input"] == {"FIND4": ["[removed]", 5551]}


@pytest.mark.parametrize("store", [{}, {"store": True}, {"store": None}, {"store": False}])
def test_nothing_is_ever_stored(store: dict[str, Any]) -> None:
    assert reading("responses", {"input": "a"} | store).body["store"] is False


@pytest.mark.parametrize("status", ["in_progress", "incomplete", "completed"])
def test_an_unfinished_answer_is_not_gone_on_with(status: str) -> None:
    item = {"type": "message", "role": "assistant", "content": "The lamp", "status": status}
    assert reading("responses", {"input": [item]}).body["input"] == [
        {"type": "message", "role": "assistant", "content": "The lamp"}
    ]


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("completions", {"prompt": [1, 2]}, "prompt[0]"),
    ("completions", {"prompt": [[1, 2]]}, "prompt[0]"),
    ("completions", {"prompt": "a", "prompt_embeds": "AAAA"}, "prompt_embeds"),
    ("completions", {"prompt": "a", "best_of": 2}, "best_of"),
    ("responses", {"input": "a", "previous_response_id": "r"}, "previous_response_id"),
    ("responses", {"input": "a", "background": True}, "background"),
    ("responses", {"input": "a", "truncation": "auto"}, "truncation"),
    ("responses", {"input": [{"type": "item_reference", "id": "i"}]}, "input[0].type"),
    ("responses", {"input": [{"type": "web_search_call", "id": "i"}]}, "input[0].type"),
    ("responses", {"input": [{"id": "i"}]}, "input[0].role"),
    ("responses", {"input": "a", "tools": [{"type": "mcp", "server_label": "s"}]}, "tools[0].type"),
    ("messages", {"max_tokens": 5, "messages": [], "container": "c"}, "container"),
    (
        "messages",
        {"max_tokens": 5, "messages": [], "tools": [{"type": "web_search_20250305", "name": "w"}]},
        "tools[0].type",
    ),
    (
        "messages",
        {"max_tokens": 5, "messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]},
        "messages[0].content[0].type",
    ),
    (
        "messages",
        {
            "max_tokens": 5,
            "messages": [{"role": "user", "content": [{"type": "document", "source": {"type": "url"}}]}],
        },
        "messages[0].content[0].source.type",
    ),
    ("messages", {"messages": []}, "max_tokens"),
    ("embeddings", {"input": [[1]]}, "input[0]"),
    ("embeddings", {"input": "a", "encoding_format": "bytes"}, "encoding_format"),
    ("rerank", {"query": "a", "documents": [{"content": []}]}, "documents[0]"),
]


@pytest.mark.parametrize(("wire", "body", "place"), REFUSED)
def test_what_cannot_be_scanned_is_refused_by_its_place(wire: str, body: dict[str, Any], place: str) -> None:
    with pytest.raises(ApiError) as caught:
        reading(wire, body)
    assert caught.value.param == place
