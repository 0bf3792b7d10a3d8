"""Good requests and good answers, changed at random: never an unforeseen error, never a leak, never a wait.

Whatever a client or a model server sends, what comes back is an answer or an error in the API's shape.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.bad.ground import HELLO, Ground, encoded, error_of, heard_as, request, talk
from tests.gateway.canned import DONE, End, Script, chunk, said, stream
from tests.gateway.recordings import named, recording
from tests.gateway.running import BIOGRAPHY, Answered
from tests.gateway.test_leaks import STRINGS, in_chunks, strings, words
from tests.laws import CASES, SLOWEST_S

EXAMPLES = CASES if CASES > 1000 else CASES // 5
PLANTED = ("Alden Crane", "555-201-3391", BIOGRAPHY)
TELLING = stream(*said(["It is Alden ", "Crane, 555-", "201-3391. ", BIOGRAPHY]), DONE)

FULL: dict[str, Any] = HELLO | {
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": "Speak of lamps."}]},
        {"role": "user", "content": "Hello!", "name": "ada"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": '{"a": ["b", 1.5]}'}}],
        },
        {"role": "tool", "tool_call_id": "1", "content": "A lamp."},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"enum": ["a", 1]}}}],
    "n": 2,
    "stop": ["\n"],
    "temperature": 0.5,
    "logit_bias": {"1": 2},
    "stream_options": {"include_usage": True},
    "chat_template_kwargs": {"thinking": False},
    "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": {}}},
    "documents": [{"title": "a", "text": "b"}],
    "metadata": {"a": "b"},
}
REQUESTS = [HELLO, FULL, *(recording(name).request for name in named(streamed=True))]
STREAMS = [
    [event + b"\n\n" for event in recording(name).body.split(b"\n\n") if event]
    for name in named(streamed=True)
]
STREAMS += [[*said(["It is ", text, " and more."]), DONE] for text in PLANTED]
STREAMS += [[chunk({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": f'"{text}"'}}]}), DONE]
            for text in PLANTED]  # fmt: skip

WHOLE = [json.loads(recording(name).body) for name in named(streamed=False)]
WHOLE += [{"choices": [{"index": 0, "message": {"role": "assistant", "content": text}}]} for text in PLANTED]
WHOLE += [{"error": {"message": text, "type": "x", "param": None, "code": 400}} for text in PLANTED]

BYTES = [b"\0", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b'"', b"\\", b"\\ud800", b"{", b"}", b"[", b"]"]
BYTES += [
    b",",
    b":",
    b"1e400",
    b"-0",
    b"NaN",
    b"9" * 30,
    b"null",
    b"\r",
    b"\n",
    b"\n\n",
    b"data: ",
    b"Alden Crane",
]
names = st.sampled_from(
    [*PLANTED, *FULL, "role", "content", "delta", "choices", "index", "error", "", "\ud800"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | names | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, held in items:
        yield from places(held, (*path, step))


def put(value: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    """A copy in which what stands at a place was changed."""
    if not path:
        return change(value)
    step, *rest = path
    copied = value.copy()
    copied[step] = put(value[step], tuple(rest), change)
    return copied


def broken(data: st.DataObject, raw: bytes) -> bytes:
    """Some bytes taken out, put in or said again."""
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 40)))
        within = data.draw(st.sampled_from([b"", raw[start:end] * 2, *BYTES]) | st.binary(max_size=4))
        raw = raw[:start] + within + raw[end:]
    return raw


def bent(data: st.DataObject, value: Any) -> bytes:
    """Other values in some places of a JSON value."""
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(value))))
        value = put(value, path, lambda _: data.draw(values))
    return json.dumps(value).encode()


def held_by(event: bytes) -> Any:
    """The JSON of an event; None where it holds none, or none any more."""
    try:
        return json.loads(event.removeprefix(b"data: "))
    except ValueError:
        return None


def sound(answered: Answered) -> bool:
    """An answer of which every event is JSON and that ends as it should, or an error of a known kind."""
    if answered.status != 200 or b'"error"' in answered.body:
        return error_of(answered)["code"] not in (None, "internal")
    if answered.headers["content-type"] == "application/json":
        return bool(answered.json["choices"])
    return bool(answered.events[-1] == "[DONE]" and answered.chunks)


def leaked(texts: Iterator[str]) -> bool:
    """Words in a row; a number with other words put into it is no longer the one that is forgotten."""
    return any(one in found for found in map(words, texts) for one in STRINGS)


def tells(answered: Answered) -> bool:
    if answered.headers["content-type"].startswith("text/event-stream"):
        return leaked(in_chunks([event for event in answered.events if event != "[DONE]"]))
    return leaked(strings(answered.json))


def holds(ground: Ground, raw: bytes) -> bool:
    """Whether the answer is sound and tells nothing; there is one record of it, and no other sign."""
    lines = ground.lines()
    answered = heard_as(talk(ground.gateway.port, [raw]))
    assert ground.lines() == lines + 1
    errors, text = ground.heard.take()
    assert not errors
    assert not leaked(iter([text.decode()]))
    return sound(answered) and not tells(answered)


@pytest.mark.law
@pytest.mark.timeout(SLOWEST_S)
@settings(max_examples=EXAMPLES)
@given(st.data())
def test_a_request_that_was_changed_is_answered_or_told_why_not(ground: Ground, data: st.DataObject) -> None:
    ground.canned.play(TELLING)
    asked = data.draw(st.sampled_from(REQUESTS))
    body = bent(data, asked) if data.draw(st.booleans()) else broken(data, json.dumps(asked).encode())
    assert holds(ground, request(body))


@pytest.mark.law
@pytest.mark.timeout(SLOWEST_S)
@settings(max_examples=EXAMPLES)
@given(st.data())
def test_a_stream_that_was_changed_is_passed_on_or_ended(ground: Ground, data: st.DataObject) -> None:
    events = list(data.draw(st.sampled_from(STREAMS)))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(events) - 1))
        event = events[place]
        match data.draw(st.sampled_from(["bend", "break", "drop", "repeat", "move"])):
            case "bend" if (held := held_by(event)) is not None:
                events[place] = b"data: " + bent(data, held) + b"\n\n"
            case "drop" if len(events) > 1:
                del events[place]
            case "repeat":
                events.insert(data.draw(st.integers(0, len(events))), event)
            case "move":
                events.insert(data.draw(st.integers(0, len(events) - 1)), events.pop(place))
            case _:
                events[place] = broken(data, event)
    # Reset, some of it may never be read: then there is nothing to tell from an answer that was cut.
    ground.canned.play(stream(*events, end=data.draw(st.sampled_from([End.CLEAN, End.CUT, End.RESET]))))
    assert holds(ground, request(encoded(n=3)))


@pytest.mark.law
@pytest.mark.timeout(SLOWEST_S)
@settings(max_examples=EXAMPLES)
@given(st.data())
def test_a_whole_answer_that_was_changed_is_passed_on_or_told(ground: Ground, data: st.DataObject) -> None:
    answer = data.draw(st.sampled_from(WHOLE))
    body = bent(data, answer) if data.draw(st.booleans()) else broken(data, json.dumps(answer).encode())
    ends = st.sampled_from([End.CLEAN, End.CUT, End.RESET])
    status = data.draw(st.sampled_from([200, 200, 200, 400, 500]))
    ground.canned.play(Script((body,), status, "application/json", end=data.draw(ends)))
    assert holds(ground, request(encoded(n=3, stream=False)))


def test_the_changes_above_leave_the_gateway_as_it_was(ground: Ground) -> None:
    assert ground.stands()
