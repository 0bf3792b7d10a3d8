"""Whether a client is still there, where another server holds its line.

Rule: such a server tells it to whoever listens, so somebody listens as long as the request is under way.
"""

import asyncio

from starlette.types import Message, Receive

from gateway.limits.presence import Presence


class Leaving:
    """In an `async with` statement, around one request."""

    def __init__(self, receive: Receive) -> None:
        self.presence = Presence()
        self._receive = receive
        self._listening: asyncio.Task[None] | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.presence.leave()
        elif not message.get("more_body", False):
            self._listening = asyncio.ensure_future(self._listen())
        return message

    async def __aenter__(self) -> "Leaving":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening.cancel()

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.presence.leave()
