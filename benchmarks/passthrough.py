"""The least that any gateway does: Starlette in front, aiohttp behind, every event forwarded by itself.

Rule: nothing is checked, kept or counted, and nothing is slower than it must be, for Unsay is measured
against it. It runs on the same server, event loop and parser.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

END = b"\n\n"


class PassThrough:
    """An ASGI application, as Unsay's route is."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        session: aiohttp.ClientSession = scope["state"]["session"]
        headers = {"Content-Type": "application/json"}
        async with session.post(self._url, data=body, headers=headers) as response:
            kind = response.headers["Content-Type"].encode()
            start = {"type": "http.response.start", "status": response.status}
            if kind.startswith(b"text/event-stream"):
                await send({**start, "headers": [(b"content-type", kind)]})
                await _events(response, send)
                await send({"type": "http.response.body", "body": b""})
            else:
                data = await response.read()
                sized = (b"content-length", str(len(data)).encode())
                await send({**start, "headers": [(b"content-type", kind), sized]})
                await send({"type": "http.response.body", "body": data})


async def _events(response: aiohttp.ClientResponse, send: Send) -> None:
    rest = b""
    async for piece in response.content.iter_any():
        *events, rest = (rest + piece).split(END)
        for event in events:
            await send({"type": "http.response.body", "body": event + END, "more_body": True})


def application(upstream: str) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, aiohttp.ClientSession]]:
        connector = aiohttp.TCPConnector(limit=1000)
        async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
            yield {"session": session}

    path = "/v1/chat/completions"
    return Starlette(routes=[Route(path, PassThrough(upstream + path), methods=["POST"])], lifespan=lifespan)


def main() -> None:
    port, upstream = sys.argv[1:]
    uvicorn.run(
        application(upstream),
        port=int(port),
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
    )


if __name__ == "__main__":
    main()
