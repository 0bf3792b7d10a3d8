"""The short way of reading the usual event says what the long way says, or nothing."""

import copy
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.answer import WireError
from gateway.wire.chat.answer import said, usual
from gateway.wire.contract import load_contract
from tests.gateway.canned import chunk
from tests.laws import law

CHAT = load_contract("chat")
EVENT = orjson.loads(chunk({"content": "Hello"})[6:])

SHAPES = ("body", "choice", "message")
NAMES = [st.sampled_from([*CHAT.answer[shape], "type", "text", ""]) for shape in SHAPES]
values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """The usual event with a few fields put in, changed or taken out, at any depth."""
    event: dict[str, Any] = copy.deepcopy(EVENT)
    for _ in range(draw(st.integers(0, 3))):
        depth = draw(st.integers(0, 2))
        place: Any = [event, event["choices"][0], event["choices"][0]["delta"]][depth]
        name = draw(NAMES[depth])
        if draw(st.booleans()):
            place.pop(name, None)
        else:
            place[name] = draw(values)
        if not _whole(event):
            break
    return event


def _whole(event: Any) -> bool:
    """Whether all three depths are still there to be changed."""
    match event:
        case {"choices": [{"delta": dict()}, *_]}:
            return True
    return False


@law
@given(events(), st.integers(1, 3))
def test_what_is_read_the_short_way_is_read_the_same_the_long_way(
    event: dict[str, Any], choices: int
) -> None:
    found = usual(CHAT, event, choices)
    try:
        known = said(CHAT, event, choices, streamed=True)
    except WireError:
        assert found is None
    else:
        assert found is None or [found] == known


def test_the_usual_event_is_read_the_short_way() -> None:
    found = usual(CHAT, EVENT, 1)
    assert found is not None
    assert [slot.text for slot in found.slots] == ["Hello"]
