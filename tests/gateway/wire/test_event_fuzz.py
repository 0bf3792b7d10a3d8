"""Events of any API, changed, cut, lost, said again or made up: read or refused, in bounds, and nothing out.

What is said of a forgotten text is judged by what a client puts together of all that it got.
"""

import asyncio
import copy
import json
from collections.abc import Iterator
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config import Limits
from gateway.errors import ApiError
from gateway.events import Events
from gateway.protection import Protection
from gateway.stream import Stream
from gateway.upstream.sse import EventReader, EventTooLong
from gateway.wire.answer import WireError
from gateway.wire.wires import wires
from tests.gateway.running import BIOGRAPHY, CRANE, policy_of, protection_of
from tests.gateway.test_leaks import STRINGS, answer_of, refusal, strings, words
from tests.gateway.wire import telling
from tests.gateway.wire.completions import spoken as completions
from tests.gateway.wire.messages import spoken as messages
from tests.gateway.wire.responses import spoken as responses
from tests.laws import CASES

TOLD = ("It is Alden ", "Crane, 555-", "201-3391. ", BIOGRAPHY)
CALL = json.dumps({"note": "".join(TOLD)})
CUT_CALL = tuple(CALL[at : at + 9] for at in range(0, len(CALL), 9))
EXAMPLES = max(1, CASES // 20)
Event = dict[str, Any]


def chat(**delta: Any) -> Event:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None, "logprobs": None}]}


def function(arguments: str) -> Event:
    return chat(tool_calls=[{"index": 0, "id": "1", "function": {"name": "f", "arguments": arguments}}])


CHAT = [chat(role="assistant", content="")]
CHAT += [chat(reasoning=piece) for piece in TOLD] + [chat(content=piece) for piece in TOLD]
CHAT += [function(piece) for piece in CUT_CALL]
CHAT += [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": {}}]
BLOCKS = (messages.thought(*TOLD), messages.text(*TOLD), messages.call(*CUT_CALL))
ITEMS = (responses.thought(*TOLD), responses.message(*TOLD), responses.call(*CUT_CALL))
# Of each API that streams: the events of an answer that says all of it everywhere.
STREAMS: dict[str, list[Event]] = {
    "chat": CHAT,
    "completions": [
        json.loads(event.removeprefix(b"data: "))
        for event in completions.told(TOLD)
        if not event.startswith(b"data: [")
    ],
    "messages": messages.events(BLOCKS, "tool_use"),
    "responses": responses.events(ITEMS),
}
BODIES: dict[str, Event] = {
    "chat": {
        "choices": [
            {
                "index": 0,
                "message": {"content": "".join(TOLD), "reasoning": "".join(TOLD)},
                "finish_reason": "stop",
            }
        ]
    },
    "completions": completions.body([completions.choice("".join(TOLD), finish="stop")]),
    "messages": messages.body(BLOCKS, "tool_use"),
    "responses": responses.body(ITEMS),
    "count_tokens": {"input_tokens": 7, "more": None},
    "embeddings": {"data": [{"index": 0, "embedding": [0.5]}], "usage": {"prompt_tokens": 1}},
    "rerank": {"results": [{"index": 0, "relevance_score": 0.5, "document": {"text": "A lamp."}}]},
    "score": {"data": [{"index": 0, "score": 0.5}]},
}
TEXTS = st.sampled_from(
    ["Alden Crane", "555-201-3391", BIOGRAPHY, *TOLD, "", "\ud800", "\x00", "type", "index"]
)
FORGOTTEN = st.sampled_from(["Alden Crane", "555-201-3391", BIOGRAPHY])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def protections(tmp_path_factory: pytest.TempPathFactory) -> tuple[Protection, Protection]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    return protection_of(policy_of(CRANE), folder / "a"), protection_of(policy_of(), folder / "b")


def unspoken(value: Any) -> Any:
    """The same of nothing forgotten: an answer that is stopped would hide what is changed in it."""
    match value:
        case dict():
            return {name: unspoken(item) for name, item in value.items()}
        case list():
            return [unspoken(item) for item in value]
        case str() if any(piece in value for piece in (*TOLD, *CUT_CALL)):
            return "A lamp. "
    return value


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    held = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in held:
        yield (*path, name)
        yield from places(item, (*path, name))


def changed(data: st.DataObject, value: Any) -> Any:
    """Anything in one place, or one more field."""
    value = copy.deepcopy(value)
    path = data.draw(st.sampled_from(list(places(value))))
    node: Any = value
    for step in path[:-1]:
        node = node[step]
    name = data.draw(TEXTS) if isinstance(node, dict) and data.draw(st.booleans()) else path[-1]
    node[name] = data.draw(FORGOTTEN | JSON)
    return value


def disturbed(data: st.DataObject, events: list[Event]) -> list[Event]:
    """Some changed, lost, said again, or in another order."""
    events = list(events)
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(events) - 1))
        match data.draw(st.sampled_from(["change", "lose", "repeat", "move", "end"])):
            case "change":
                events[place] = changed(data, events[place])
            case "lose" if len(events) > 1:
                del events[place]
            case "repeat":
                events.insert(data.draw(st.integers(0, len(events))), events[place])
            case "move":
                events.insert(data.draw(st.integers(0, len(events) - 1)), events.pop(place))
            case _:
                events = events[: place + 1]
    return events


def in_pieces(data: st.DataObject, raw: bytes) -> list[bytes]:
    if data.draw(st.booleans()):
        cut = data.draw(st.integers(0, len(raw)))
        raw = raw[:cut] + data.draw(st.binary(max_size=3)) + raw[cut + data.draw(st.integers(0, 3)) :]
    cuts = sorted({0, len(raw), *data.draw(st.lists(st.integers(0, len(raw)), max_size=6))})
    return [raw[first:last] for first, last in pairwise(cuts)]


async def streamed(protection: Protection, name: str, pieces: list[bytes]) -> list[Any]:
    """All that a client gets of these bytes; whatever is wrong with them is an error of the gateway's own."""
    wire, limits = wires()[name], Limits()
    request = telling.asked_of(wire, streamed=True)
    answer, reader = answer_of(protection, request), EventReader(limits.event_bytes)
    stream = Stream(answer, wire.writer(telling.FRAME, request), refusal(), request)
    sent: list[Any] = []
    try:
        events = Events(protection, wire, request.choices)
        for piece in pieces:
            async with aclosing(events.heard(reader.feed(piece))) as heard:
                async for one in heard:
                    sent += await stream.events(one)
        return [*sent, *(stream.last() if stream.complete else [])]
    except (WireError, EventTooLong) as error:
        return [*sent, str(error)]
    except ApiError as error:
        return [*sent, wire.framing().error(error)]


def put_together(name: str, sent: list[Any]) -> Iterator[str]:
    """Each string, and the pieces of each text behind each other."""
    texts: dict[str, str] = {}
    for event in sent:
        yield from strings(event)
        for where, piece in _pieces(name, event):
            texts[where] = texts.get(where, "") + piece
    for text in texts.values():
        yield from strings(text)


def _pieces(name: str, event: Any) -> Iterator[tuple[str, str]]:
    match event:
        case {"choices": [{"delta": dict(delta)}]}:
            for call in delta.pop("tool_calls", ()):
                yield "arguments", call.get("function", {}).get("arguments", "")
            yield from ((field, text) for field, text in delta.items() if isinstance(text, str))
        case {"choices": [{"text": str(text)}]}:
            yield "text", text
        case {"delta": str(text), "type": kind}:
            yield str(kind), text
        case {"delta": {"type": kind, **rest}}:
            yield from ((str(kind), text) for text in rest.values() if isinstance(text, str))


def leaked(texts: Iterator[str]) -> bool:
    """Words in a row; a number with other words put into it is no longer the one that is forgotten."""
    return any(one in found for found in map(words, texts) for one in STRINGS)


def encoded(events: list[Event]) -> bytes:
    return b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events)


@pytest.mark.law
@pytest.mark.parametrize("name", STREAMS)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_stream_lets_anything_out(
    name: str, protections: tuple[Protection, Protection], data: st.DataObject
) -> None:
    events = data.draw(st.sampled_from([STREAMS[name], [unspoken(event) for event in STREAMS[name]]]))
    pieces = in_pieces(data, encoded(disturbed(data, events)))
    sent = asyncio.run(streamed(protections[0], name, pieces))
    assert not leaked(put_together(name, sent))


@pytest.mark.law
@pytest.mark.parametrize("name", BODIES)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_body_lets_anything_out(
    name: str, protections: tuple[Protection, Protection], data: st.DataObject
) -> None:
    body = data.draw(st.sampled_from([BODIES[name], unspoken(BODIES[name])]))
    for _ in range(data.draw(st.integers(1, 3))):
        body = changed(data, body)
    sent = telling.told(protections[0], name, body, streamed=False)
    assert not leaked(put_together(name, sent))


@pytest.mark.parametrize("name", STREAMS)
def test_the_same_streams_say_it_where_nothing_is_forgotten(
    name: str, protections: tuple[Protection, Protection]
) -> None:
    sent = asyncio.run(streamed(protections[1], name, [encoded(STREAMS[name])]))
    assert leaked(put_together(name, sent))


HUGE = 10 * 2**20


@pytest.mark.parametrize("name", STREAMS)
def test_an_event_of_ten_megabytes_is_an_error_before_it_is_there(
    name: str, protections: tuple[Protection, Protection]
) -> None:
    event = encoded([STREAMS[name][1] | {"more": "x" * HUGE}])
    pieces = [event[at : at + 65_536] for at in range(0, len(event), 65_536)]
    sent = asyncio.run(streamed(protections[0], name, [encoded(STREAMS[name][:1]), *pieces]))
    assert sent[-1] == f"an event is larger than {Limits().event_bytes} bytes"


@pytest.mark.parametrize("name", BODIES)
def test_a_body_of_ten_megabytes_that_is_let_in_is_read_or_refused(
    name: str, protections: tuple[Protection, Protection]
) -> None:
    sent = telling.told(protections[0], name, BODIES[name] | {"more": ["x" * 100] * (HUGE // 100)}, False)
    assert sent == ["body: a field that the contract does not name holds text"]
