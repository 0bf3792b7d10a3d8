"""What a request brings, kept while it waits for its turn.

Rule: about 64 kB are taken from the line before the turn comes. A client that leaves is seen at once, but for
one with a larger body: its end stands behind what was not read yet.
"""

import asyncio
from collections import deque

from starlette.types import Message, Receive

AHEAD = 65_536


class Arrival:
    """An ASGI `receive` whose messages can be waited for beforehand."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: deque[Message] = deque()

    async def __call__(self) -> Message:
        return self._kept.popleft() if self._kept else await self._receive()

    async def left(self) -> None:
        """Return when the client leaves; cancel it when the turn has come."""
        taken = 0
        while taken <= AHEAD:
            message = await self._receive()
            self._kept.append(message)
            if message["type"] == "http.disconnect":
                return
            taken += len(message.get("body", b""))
        await asyncio.Event().wait()
