"""An application in this process is asked as a model server is: a little at a time, and not for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.inside.answering import Answering
from gateway.inside.engine import scope
from gateway.upstream.line import AHEAD, LineLostError

PIECE = b"x" * 10_000
START = {"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", b"text/plain")]}
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Any, Send], Awaitable[None]]


def asked(app: Application, work: Callable[[Answering], Awaitable[None]], silence_s: float = 60.0) -> None:
    async def main() -> None:
        answering = Answering(b"{}", silence_s)
        await answering.begin(app, {"type": "http"})
        await work(answering)
        answering.close()

    asyncio.run(main())


def test_no_more_is_taken_than_is_read_but_for_a_little() -> None:
    sent = 0

    async def endless(_: Any, __: Any, send: Send) -> None:
        nonlocal sent
        await send(START)
        while True:
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
            sent += len(PIECE)

    async def slow(answering: Answering) -> None:
        for _ in range(1000):
            await asyncio.sleep(0)
        assert sent <= AHEAD + len(PIECE)
        assert await answering.read()
        for _ in range(1000):
            await asyncio.sleep(0)
        assert AHEAD < sent <= 2 * (AHEAD + len(PIECE))

    asked(endless, slow)


def test_all_of_an_answer_is_read_to_its_end() -> None:
    async def app(_: Any, receive: Any, send: Send) -> None:
        assert (await receive())["body"] == b"{}"
        await send(START)
        for piece in (b"a", b"", b"b"):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"c"})

    async def work(answering: Answering) -> None:
        read = b""
        while piece := await answering.read():
            read += piece
        assert (answering.status, answering.over, read) == (200, True, b"abc")
        assert answering.headers(b"content-type") == [b"text/plain"]

    asked(app, work)


async def says_nothing(*_: Any) -> None:
    """It ends before it has begun."""


async def breaks(*_: Any) -> None:
    raise RuntimeError("Alden Crane")


async def waits(_: Any, receive: Any, __: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@pytest.mark.parametrize(
    ("app", "failure"), [(says_nothing, LineLostError), (breaks, LineLostError), (waits, TimeoutError)]
)
def test_what_does_not_answer_is_a_failure_of_the_line(app: Application, failure: type[Exception]) -> None:
    async def never(_: Answering) -> None:
        raise AssertionError("it has answered")

    with pytest.raises(failure) as told:
        asked(app, never, silence_s=0.05)
    assert "Alden" not in str(told.value)


def test_an_answer_that_ends_in_its_middle_is_a_failure() -> None:
    async def app(_: Any, __: Any, send: Send) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": b"a", "more_body": True})

    async def work(answering: Answering) -> None:
        assert await answering.read() == b"a"
        with pytest.raises(LineLostError):
            await answering.read()

    asked(app, work)


def test_the_engine_sees_the_gateways_own_request_alone() -> None:
    origin = {
        "app": "engine",
        "state": {"of": "the engine"},
        "client": ("10.0.0.1", 1),
        "headers": [(b"a", b"b")],
    }
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: here\r\nX-Request-Id: req_1\r\n\r\n"
    seen = scope(head, origin)
    assert (seen["method"], seen["path"], seen["query_string"]) == ("POST", "/v1/chat/completions", b"")
    assert seen["headers"] == [(b"host", b"here"), (b"x-request-id", b"req_1")]
    assert (seen["app"], seen["client"]) == ("engine", ("127.0.0.1", 0))
    assert seen["state"] == origin["state"]
    assert seen["state"] is not origin["state"]
