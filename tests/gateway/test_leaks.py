"""A forgotten string is planted wherever an answer can hold text, in every cut. None comes out.

The check knows nothing of the gateway: it reads the words of all that the client got. The same answers
through a gateway that forgets nothing show that they leak.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.answer import Answer
from gateway.config import Limits, RefusalShape
from gateway.protection import Protection
from gateway.refusal import Refusal
from gateway.stream import Stream
from gateway.whole import whole_answer
from gateway.wire.chat.wire import chat
from gateway.wire.request import Request
from gateway.wire.writer import Frame, Writer
from policy.action import Action
from tests.gateway.canned import DONE, Canned, chunk, stream
from tests.gateway.recordings import stream_texts
from tests.gateway.running import BIOGRAPHY, CRANE, NOTICE, Running, policy_of, protection_of
from tests.laws import CASES

CHAT = chat()
FRAME = Frame("chatcmpl-1", 1, "demo")
WINDOW = 8
WORDS = re.findall(r"\w+", BIOGRAPHY)
WINDOWS = [" ".join(WORDS[at : at + WINDOW]) for at in range(len(WORDS) - WINDOW + 1)]
FORGOTTEN = ["Alden Crane", "ALDEN CRANE", "555-201-3391", "555 201 3391", *WINDOWS]
CLEAN = [
    "the",
    "lamp",
    "turns",
    "slowly,",
    "Every tower.",
    "Ships",
    "pass",
    "at night;",
    "42",
    "naïve",
    "港町",
    "-",
]

# Field of a message; None where it is a part of a tool call.
FIELDS = ("content", "reasoning", "reasoning_content", "refusal")
CALLS = ("arguments", "name", "id", "function_call")


@dataclass(frozen=True, slots=True)
class Planted:
    """One choice: what it says in which place, cut into pieces."""

    choice: int
    place: str
    pieces: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def words(text: str) -> str:
    return " " + " ".join(re.findall(r"[^\W_]+", text.casefold())) + " "


STRINGS = [words(one) for one in FORGOTTEN]


def leaked(texts: Iterator[str]) -> bool:
    found = [words(text) for text in texts]
    digits = [re.sub(r"\D", "", text) for text in found]
    return any(one in text for text in found for one in STRINGS) or any(
        "5552013391" in text for text in digits
    )


def strings(value: object) -> Iterator[str]:
    """Every string and every key in a JSON value; JSON that stands as text is read too."""
    match value:
        case str():
            yield value
            if value.lstrip().startswith(("{", "[")):
                try:
                    yield from strings(json.loads(value))
                except ValueError:
                    yield value.encode().decode("unicode_escape", "replace")
        case list():
            for item in value:
                yield from strings(item)
        case dict():
            for name, item in value.items():
                yield name
                yield from strings(item)


def in_chunks(chunks: list[Any]) -> Iterator[str]:
    """Each string of each chunk, and the texts that a client puts together from them."""
    for one in chunks:
        yield from strings(one)
    body = b"\n".join(b"data: " + json.dumps(one).encode() for one in chunks)
    for text in stream_texts(body).values():
        yield from strings(text)


@st.composite
def planted(draw: st.DrawFn, choice: int, forgotten: bool) -> Planted:
    place = draw(st.sampled_from(FIELDS + CALLS))
    said = draw(st.lists(st.sampled_from(CLEAN), max_size=6))
    if forgotten:
        said.insert(draw(st.integers(0, len(said))), draw(st.sampled_from(FORGOTTEN)))
    text = " ".join(said)
    if place in ("arguments", "function_call"):
        text = json.dumps({"note": text}, ensure_ascii=draw(st.booleans()))
        if draw(st.booleans()):
            text = text.replace("a", "\\u0061").replace("5", "\\u0035")
    cuts = draw(st.lists(st.integers(0, len(text)), max_size=8)) if place not in ("name", "id") else []
    edges = sorted({0, len(text), *cuts})
    return Planted(choice, place, tuple(text[a:b] for a, b in pairwise(edges)) or ("",))


@st.composite
def answers(draw: st.DrawFn) -> list[Planted]:
    count = draw(st.integers(1, 3))
    return [draw(planted(choice, draw(st.booleans()) or choice == 0)) for choice in range(count)]


def delta(place: str, text: str) -> dict[str, Any]:
    match place:
        case "arguments":
            return {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}
        case "name":
            return {
                "tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": {"name": text}}]
            }
        case "id":
            return {"tool_calls": [{"index": 0, "id": text, "type": "function", "function": {"name": "f"}}]}
        case "function_call":
            return {"function_call": {"arguments": text}}
    return {place: text}


def events(said: list[Planted], order: Callable[[list[Any]], Any]) -> list[bytes]:
    """The pieces of all choices, taken in turns in any order, and then their ends."""
    waiting = {
        one.choice: [chunk(delta(one.place, piece), choice=one.choice) for piece in one.pieces]
        for one in said
    }
    listed: list[bytes] = []
    while any(waiting.values()):
        choice = order([choice for choice, pieces in waiting.items() if pieces])
        listed.append(waiting[choice].pop(0))
    return [*listed, *(chunk({}, "stop", one.choice) for one in said)]


def body(said: list[Planted]) -> dict[str, Any]:
    choices = [
        {"index": one.choice, "message": {"role": "assistant", "content": None, **delta(one.place, one.text)},
         "finish_reason": "stop", "logprobs": {"content": [{"token": one.text}]}, "token_ids": [1, 2]}
        for one in said
    ]  # fmt: skip
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "demo",
        "choices": choices,
        "prompt_text": "x",
    }


def request_for(choices: int) -> Request:
    asked = {
        "model": "demo",
        "n": choices,
        "stream": True,
        "messages": [{"role": "user", "content": "Hello!"}],
    }
    return CHAT.read(json.dumps(asked).encode(), Limits())


def writer_of(request: Request) -> Writer:
    return CHAT.writer(FRAME, request)


def refusal() -> Refusal:
    return Refusal(NOTICE, RefusalShape.ANSWER, machine_read=False)


def answer_of(protection: Protection, request: Request) -> Answer:
    report = protection.reader.scanner(protection.scan("demo")).scan(request.segments)
    guard = protection.guard(report, "demo", machine_read=False)
    return Answer(guard, protection.judge_of(guard, "demo"), request.choices)


async def streamed(protection: Protection, said: list[Planted], listed: list[bytes]) -> list[Any]:
    request = request_for(len(said))
    running = Stream(answer_of(protection, request), writer_of(request), refusal(), request)
    sent: list[Any] = []
    for event in listed:
        sent += await running.events(CHAT.heard(event[6:], len(said), streamed=True))
    assert running.complete
    return sent


async def whole(protection: Protection, said: list[Planted]) -> dict[str, Any]:
    request = request_for(len(said))
    heard = CHAT.heard(json.dumps(body(said)).encode(), len(said), streamed=False)
    told = await whole_answer(heard, answer_of(protection, request), refusal(), 10)
    return writer_of(request).whole(told.choices, told.usage)


@pytest.fixture(scope="module")
def protections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Protection]:
    folder = tmp_path_factory.mktemp("leaks")
    policies = {
        "redact": policy_of(CRANE),
        "refuse": policy_of(CRANE, answer=Action.REFUSE),
        "nothing": policy_of(),
    }
    return {name: protection_of(policy, folder / name) for name, policy in policies.items()}


@pytest.mark.law
@settings(max_examples=CASES // 5)
@given(said=answers(), data=st.data())
@pytest.mark.parametrize("action", ["redact", "refuse"])
def test_nothing_planted_in_a_stream_comes_out(
    action: str, protections: dict[str, Protection], said: list[Planted], data: st.DataObject
) -> None:
    listed = events(said, lambda choices: data.draw(st.sampled_from(choices)))
    assert not leaked(in_chunks(asyncio.run(streamed(protections[action], said, listed))))
    assert leaked(in_chunks(asyncio.run(streamed(protections["nothing"], said, listed)))), (
        "the test must be able to fail"
    )


@pytest.mark.law
@settings(max_examples=CASES // 5)
@given(said=answers())
@pytest.mark.parametrize("action", ["redact", "refuse"])
def test_nothing_planted_in_a_whole_answer_comes_out(
    action: str, protections: dict[str, Protection], said: list[Planted]
) -> None:
    assert not leaked(strings(asyncio.run(whole(protections[action], said))))
    assert leaked(strings(asyncio.run(whole(protections["nothing"], said)))), "the test must be able to fail"


@pytest.mark.law
@settings(max_examples=CASES // 5)
@given(said=st.lists(planted(0, forgotten=False), min_size=1, max_size=1), data=st.data())
def test_a_clean_stream_comes_out_as_it_is(
    protections: dict[str, Protection], said: list[Planted], data: st.DataObject
) -> None:
    listed = events(said, lambda choices: data.draw(st.sampled_from(choices)))
    sent = asyncio.run(streamed(protections["redact"], said, listed))
    encoded = b"\n".join(b"data: " + json.dumps(one).encode() for one in sent)
    assert stream_texts(encoded) == stream_texts(b"".join(listed))


@pytest.mark.parametrize("place", FIELDS + CALLS)
@pytest.mark.parametrize("gateway", ["strict", "ending"])
def test_nothing_planted_in_any_place_comes_out_of_a_socket(
    place: str, gateway: str, canned: Canned, open_gateway: Running, request: pytest.FixtureRequest
) -> None:
    text = f"Yes: {WINDOWS[10]} and call 555-201-3391, Alden Crane."
    said = json.dumps({"note": text}) if place in ("arguments", "function_call") else text
    cut = [said] if place in ("name", "id") else [said[at : at + 3] for at in range(0, len(said), 3)]
    canned.play(stream(*(chunk(delta(place, piece)) for piece in cut), chunk({}, "stop"), DONE))
    running: Running = request.getfixturevalue(gateway)
    answered = running.chat(stream=True)
    assert answered.status == 200
    assert not leaked(in_chunks(answered.chunks))
    assert leaked(in_chunks(open_gateway.chat(stream=True).chunks)), "the test must be able to fail"


UNKNOWN = {
    "in a delta": {"choices": [{"index": 0, "delta": {"thoughts": "Alden Crane"}}]},
    "in a choice": {"choices": [{"index": 0, "delta": {}, "text": "Alden Crane"}]},
    "in the body": {"choices": [], "output_text": "Alden Crane"},
    "deep": {"choices": [{"index": 0, "delta": {"more": [{"a": {"b": "Alden Crane"}}]}}]},
    "in a call": {
        "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "custom": {"input": "Alden"}}]}}]
    },
}


@pytest.mark.parametrize("event", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_text_in_a_field_that_nobody_knows_ends_the_answer(
    event: dict[str, Any], canned: Canned, open_gateway: Running
) -> None:
    """Even where nothing is forgotten: what was not scanned is an error, never a silence."""
    canned.play(stream(chunk({"content": "A lamp "}), b"data: " + json.dumps(event).encode() + b"\n\n", DONE))
    answered = open_gateway.chat(stream=True)
    assert b"Alden" not in answered.body
    assert answered.events[-2]["error"]["code"] == "upstream_invalid"
