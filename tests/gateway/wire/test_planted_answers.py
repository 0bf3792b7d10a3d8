"""A forgotten text in any string of any answer that a model server can send comes out of no API."""

import asyncio
import json
from typing import Any

import pytest

from gateway.config import Limits
from gateway.errors import ApiError
from gateway.services import Protection
from gateway.stream import Stream
from gateway.whole import whole_answer
from gateway.wire.answer import Heard, Said, WireError
from gateway.wire.request import Request
from gateway.wire.wire import Wire
from gateway.wire.wires import wires
from gateway.wire.writer import Frame
from tests.gateway.running import CRANE, policy_of, protection_of
from tests.gateway.test_leaks import WINDOWS, answer_of, leaked, refusal, strings
from tests.gateway.wire.client_schemas import ANSWERS, schema_of
from tests.gateway.wire.planting import planted
from tests.laws import CASES

FORGOTTEN = f"Well, {WINDOWS[10]} and call 555-201-3391, Alden Crane."
MESSAGES = [{"role": "user", "content": "Hello!"}]
ASKED: dict[str, Any] = {
    "chat": {"messages": MESSAGES},
    "messages": {"messages": MESSAGES, "max_tokens": 16},
    "completions": {"prompt": "Hello!"},
    "responses": {"input": "Hello!"},
}
END = Heard([Said(0, [], "stop")])
# All of them in the long check.
STEP = max(1, 10_000 // CASES)
ALL = [
    pytest.param(wire, start == "event" or "Chunk" in repr(model), model, id=f"{wire}-{start}-{number}")
    for number, (wire, start, model) in enumerate(ANSWERS)
    if wire in wires() and any(planted(schema_of(model), FORGOTTEN))
]


@pytest.fixture(scope="module")
def protections(tmp_path_factory: pytest.TempPathFactory) -> tuple[Protection, Protection]:
    folder = tmp_path_factory.mktemp("planted")
    return protection_of(policy_of(CRANE), folder / "a"), protection_of(policy_of(), folder / "b")


def asked_of(wire: Wire, streamed: bool) -> Request:
    asked = {"model": "demo", "stream": streamed} | ASKED[wire.name]
    return wire.read(json.dumps(asked).encode(), Limits())


async def told(protection: Protection, wire: Wire, value: Any, streamed: bool) -> list[Any]:
    """All that a client gets of an answer that holds this and then ends."""
    request = asked_of(wire, streamed)
    answer, writer = answer_of(protection, request), wire.writer(Frame("a_1", 1, "demo"), request)
    try:
        heard = wire.heard(json.dumps(value).encode(), 1, streamed)
        if streamed:
            stream = Stream(answer, writer, refusal(), request)
            return [*await stream.events(heard), *await stream.events(END), *stream.last()]
        all_of = await whole_answer(heard, answer, refusal(), 1)
        return [writer.whole(all_of.choices, all_of.usage)]
    except WireError as error:
        return [str(error)]
    except ApiError as error:
        return [wire.framing().error(error)]


def doors(protection: Protection, name: str, streamed: bool, model: object, text: str) -> set[str]:
    """The strings by which the text comes out."""
    wire = wires()[name]
    tried = list(planted(schema_of(model), text))[::STEP]
    return {
        where
        for where, value in tried
        if leaked(strings(asyncio.run(told(protection, wire, value, streamed))))
    }


@pytest.mark.law
@pytest.mark.parametrize(("wire", "streamed", "model"), ALL)
def test_no_string_of_an_answer_lets_it_out(
    protections: tuple[Protection, Protection], wire: str, streamed: bool, model: object
) -> None:
    assert doors(protections[0], wire, streamed, model, FORGOTTEN) == set()
    assert STEP > 1 or doors(protections[1], wire, streamed, model, FORGOTTEN), (
        "the test must be able to fail"
    )
