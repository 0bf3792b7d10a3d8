"""Whatever stands in an event or a body of responses, it is read or it is an error of the model server."""

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.answer import Heard, WireError
from gateway.wire.wires import wires
from tests.gateway.wire.responses.spoken import body, call, events, message, thought
from tests.laws import law

ITEMS = (thought("I think."), message("A ", "lamp."), call('{"a": 1}'))
EVENTS = events(ITEMS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    held = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in held:
        yield from places(item, (*path, name))


@st.composite
def broken(draw: st.DrawFn, whole: bool) -> Any:
    """An event, or a body, with anything in one place of it."""
    value = copy.deepcopy(body(ITEMS) if whole else draw(st.sampled_from(EVENTS)))
    path = draw(st.sampled_from(list(places(value))))
    if not path:
        return draw(JSON)
    node: Any = value
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = draw(JSON)
    return value


def read(value: Any, whole: bool) -> Heard | None:
    """None: it is an error, in the engine's own words."""
    with suppress(WireError):
        return wires()["responses"].heard(json.dumps(value).encode(), 1, not whole)
    return None


@law
@given(st.booleans().flatmap(lambda whole: st.tuples(st.just(whole), broken(whole))))
def test_it_is_read_or_refused(told: tuple[bool, Any]) -> None:
    whole, value = told
    heard = read(value, whole)
    assert heard is None or all(isinstance(slot.text, str) for said in heard.said for slot in said.slots)


def test_what_is_as_it_should_be_is_read() -> None:
    assert all(read(event, whole=False) for event in EVENTS)
    assert read(body(ITEMS), whole=True)
