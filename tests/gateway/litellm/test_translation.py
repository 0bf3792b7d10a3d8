"""Whatever LiteLLM shows, every string of it is among what is scanned, or the request is an error."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config import Limits
from gateway.errors import ApiError
from gateway.wire.contract import load_contract
from gateway.wire.litellm.calls import slots
from gateway.wire.litellm.request import read_guarding
from gateway.wire.litellm.translation import translated
from gateway.wire.wires import wires
from tests.laws import CASES

CONTRACT, CHAT = load_contract("litellm"), wires()["chat"]
PLANTED = "Alden Crane"
# Each case is made of many draws.
FEW = max(50, CASES // 5)
NAMES = st.sampled_from(
    ["role", "content", "text", "type", "name", "tool_calls", "function", "arguments", "image_url", "x"]
)
WORDS = st.sampled_from(["user", "tool", "text", "image_url", "function", "The lamp turns.", "{}", ""])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
MESSAGES = st.lists(st.dictionaries(NAMES, JSON, max_size=5), min_size=1, max_size=3)


@st.composite
def planted(draw: st.DrawFn, shown: st.SearchStrategy[Any]) -> Any:
    """With one more string somewhere: a value, a key, or what JSON in a string says."""
    said = draw(shown)
    where = draw(st.sampled_from(["value", "key", "arguments"]))
    told: Any = {"value": {"x": PLANTED}, "key": {PLANTED: 1}, "arguments": json.dumps({"x": PLANTED})}[where]
    node: Any = said
    for deeper in draw(st.lists(st.booleans(), max_size=4)):
        if deeper and (below := _below(node)):
            node = draw(st.sampled_from(below))
    if isinstance(node, dict):
        node[draw(NAMES)] = told
    else:
        node.append(told)
    return said


def _below(node: Any) -> list[Any]:
    inner = node.values() if isinstance(node, dict) else node
    return [one for one in inner if isinstance(one, dict | list)]


def scanned(**shown: Any) -> list[str] | None:
    """All that is scanned of it; None where it is an error."""
    body = {"input_type": "request", "texts": ["Hello!"], **shown}
    try:
        said = translated(read_guarding(CONTRACT, json.dumps(body).encode()))
        request = CHAT.read(said.body, Limits(), False)
    except ApiError:
        return None
    return [segment.text for segment in request.segments]


@pytest.mark.law
@settings(max_examples=FEW, deadline=None)
@given(planted(MESSAGES))
def test_every_string_of_the_messages_is_scanned(messages: Any) -> None:
    found = scanned(structured_messages=messages)
    assert found is None or any(PLANTED in text for text in found)


@pytest.mark.law
@settings(max_examples=FEW, deadline=None)
@given(planted(st.lists(JSON, min_size=1, max_size=3)))
def test_every_string_of_tools_and_calls_is_scanned(things: Any) -> None:
    for name in ("tools", "tool_calls"):
        found = scanned(**{name: things})
        assert found is None or any(PLANTED in text for text in found), name


@pytest.mark.law
@settings(max_examples=FEW, deadline=None)
@given(planted(st.lists(JSON, min_size=1, max_size=3)))
def test_every_string_of_an_answers_calls_is_guarded(calls: Any) -> None:
    assert any(PLANTED in slot.text for slot in slots(calls))


def test_texts_come_back_in_their_order() -> None:
    messages = [
        {"role": "system", "content": "a"},
        {"role": "user", "content": [{"type": "text", "text": "b"}, {"type": "text", "text": "a"}]},
        {"role": "tool", "content": "c"},
    ]
    texts = ["a", "b", "a", "c", "shown nowhere"]
    body = {"input_type": "request", "texts": texts, "structured_messages": messages}
    said = translated(read_guarding(CONTRACT, json.dumps(body).encode()))
    chat = json.loads(said.body)
    assert said.texts(chat) == texts
    assert [message["role"] for message in chat["messages"]] == ["system", "user", "tool", "user"]
