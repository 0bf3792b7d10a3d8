"""All that a client gets of an answer of any API, and by which strings of the answer a text gets there."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from gateway.config import Limits
from gateway.errors import ApiError
from gateway.protection import Protection
from gateway.stream import Stream
from gateway.whole import whole_answer
from gateway.wire.answer import Heard, Said, WireError
from gateway.wire.measure import Measure
from gateway.wire.measures import api
from gateway.wire.request import Request
from gateway.wire.wire import Wire
from gateway.wire.writer import Frame
from tests.gateway.test_leaks import WINDOWS, answer_of, leaked, refusal, strings
from tests.gateway.wire.planting import planted
from tests.gateway.wire.schema import Node

FORGOTTEN = f"Well, {WINDOWS[10]} and call 555-201-3391, Alden Crane."
FRAME = Frame("a_1", 1, "demo")
MESSAGES = [{"role": "user", "content": "Hello!"}]
# Of each API: the least that is asked of it.
ASKED: dict[str, dict[str, Any]] = {
    "chat": {"messages": MESSAGES},
    "batch": {"messages": [MESSAGES]},
    "messages": {"messages": MESSAGES, "max_tokens": 16},
    "count_tokens": {"messages": MESSAGES},
    "completions": {"prompt": "Hello!"},
    "responses": {"input": "Hello!"},
    "embeddings": {"input": "Hello!"},
    "rerank": {"query": "Hello!", "documents": ["A lamp."]},
    "score": {"text_1": "Hello!", "text_2": "A lamp."},
}
# Where the text stands, and the answer.
Planted = tuple[str, Any]
END = Heard([Said(0, [], "stop")])


def body_of(name: str, **more: Any) -> bytes:
    return json.dumps({"model": "demo"} | ASKED[name] | more).encode()


def asked_of(wire: Wire, streamed: bool) -> Request:
    return wire.read(body_of(wire.name, **({"stream": True} if streamed else {})), Limits())


def every(schema: Node, step: int) -> list[Planted]:
    """An answer for every `step`th string that the schema has, with a forgotten text in its place."""
    return list(planted(schema, FORGOTTEN))[::step]


def doors(protection: Protection, name: str, streamed: bool, tried: Sequence[Planted]) -> set[str]:
    """The strings by which the text comes out."""
    return {where for where, value in tried if leaked(strings(told(protection, name, value, streamed)))}


def told(protection: Protection, name: str, value: Any, streamed: bool) -> list[Any]:
    """All that a client gets of an answer that holds this and then ends."""
    one = api(name)
    try:
        if isinstance(one, Measure):
            return [json.loads(one.told(json.dumps(value).encode(), body_of(name), FRAME))]
        return asyncio.run(_told(protection, one, value, streamed))
    except WireError as error:
        return [str(error)]
    except ApiError as error:
        return [error.body()]


async def _told(protection: Protection, wire: Wire, value: Any, streamed: bool) -> list[Any]:
    request = asked_of(wire, streamed)
    answer, writer = answer_of(protection, request), wire.writer(FRAME, request)
    try:
        heard = wire.heard(json.dumps(value).encode(), 1, streamed)
        if streamed:
            stream = Stream(answer, writer, refusal(), request)
            return [*await stream.events(heard), *await stream.events(END), *stream.last()]
        all_of = await whole_answer(heard, answer, refusal(), 1)
        return [writer.whole(all_of.choices, all_of.usage)]
    except ApiError as error:
        return [wire.framing().error(error)]
