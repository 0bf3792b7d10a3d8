"""The engine, asked in this process instead of over a connection.

Rule: it gets the gateway's own request and nothing of the client's: neither its headers nor its address.
"""

import asyncio

from starlette.types import ASGIApp, Scope

from gateway.config import Upstream
from gateway.inside.answering import Answering

LOCAL = ("127.0.0.1", 0)


class Engine:
    """Stands where the connections to a model server would. `origin` is what its start was called with."""

    def __init__(self, app: ASGIApp, origin: Scope, config: Upstream) -> None:
        self._app, self._origin = app, origin
        self._silence_s = config.idle_timeout_s
        self._places = asyncio.Semaphore(config.connections)

    async def ask(self, *request: bytes) -> Answering:
        """The head of the request, as it would go over a connection, and its body if it has one."""
        head, *body = request
        await self._places.acquire()
        answering = Answering(b"".join(body), self._silence_s)
        try:
            await answering.begin(self._app, scope(head, self._origin))
        except BaseException:
            self.give_back(answering)
            raise
        return answering

    def give_back(self, answering: Answering) -> None:
        self._places.release()
        answering.close()

    def close(self) -> None:
        """Whoever asked has given back."""


def scope(head: bytes, origin: Scope) -> Scope:
    line, *fields = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    method, path, _ = line.split(b" ")
    named = (field.split(b": ", 1) for field in fields)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method.decode(),
        "scheme": "http",
        "path": path.decode(),
        "raw_path": path,
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in named],
        "client": LOCAL,
        "server": LOCAL,
        "app": origin["app"],
        "state": dict(origin.get("state", {})),
    }
