"""The gateway around the engine's web application: all requests are the gateway's, and none is passed on.

Rules: the engine is asked by the gateway alone. Before the gateway serves nothing is served, and where it
cannot the server does not start. One question alone goes to the engine as it is: whether it lives.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import errors
from gateway.app import Gateway, told
from gateway.config import is_loopback
from gateway.errors import ApiError
from gateway.inside.engine import Engine
from gateway.inside.engine import scope as asked
from gateway.inside.leaving import Leaving
from gateway.limits.slow_reader import PRESENCE
from gateway.place import place
from gateway.services import Services
from gateway.upstream.client import Connections
from gateway.workers.source import TOLD

log = logging.getLogger("unsay")

HEALTH = "/health"
# What the gateway has, over these connections to the engine.
Begun = Callable[[Connections], AbstractAsyncContextManager[Services]]


class Layer:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp, gateway: Gateway, begun: Begun) -> None:
        self._app, self._gateway, self._begun = app, gateway, begun
        self._services: Services | None = None
        self._origin: Scope = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "lifespan":
                await self._live(scope, receive, send)
            case "http":
                await self._ask(scope, receive, send)
            case _:
                await send({"type": "websocket.close", "code": 1008})

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Around the engine's own life."""
        self._origin = scope
        async with AsyncExitStack() as stack:

            async def heard() -> Message:
                message = await receive()
                if message["type"] == "lifespan.shutdown":
                    self._services = None
                    await stack.aclose()
                return message

            async def says(message: Message) -> None:
                if message["type"] == "lifespan.startup.complete":
                    message = await self._begin(stack)
                await send(message)

            await self._app(scope, heard, says)

    async def _begin(self, stack: AsyncExitStack) -> Message:
        try:
            begun = self._begun(lambda config: Engine(self._app, self._origin, config))
            self._services = await stack.enter_async_context(begun)
        except TOLD as error:
            return {"type": "lifespan.startup.failed", "message": f"unsay: {error}"}
        except Exception as error:
            # Its message may hold text.
            said = f"unsay: {type(error).__name__} in {place(error)}"
            return {"type": "lifespan.startup.failed", "message": said}
        return {"type": "lifespan.startup.complete"}

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == HEALTH and scope["method"] == "GET":
            await self._app(asked(b"GET /health HTTP/1.1\r\n\r\n", self._origin), receive, send)
            return
        services = self._services
        if services is None:
            await _tell(errors.unavailable("The gateway does not serve yet."), scope, receive, send)
        elif not services.config.keys and not _local(scope):
            await _tell(errors.unauthorized(), scope, receive, send)
        else:
            async with Leaving(receive) as leaving:
                state = {"services": services, PRESENCE: leaving.presence}
                await self._gateway({**scope, "state": state}, leaving.receive, send)


def _local(scope: Scope) -> bool:
    """Whether a client is on this machine: without keys no other is let in, wherever the server listens."""
    client = scope.get("client")
    return client is None or is_loopback(client[0])


async def _tell(error: ApiError, scope: Scope, receive: Receive, send: Send) -> None:
    await told(error)(scope, receive, send)
