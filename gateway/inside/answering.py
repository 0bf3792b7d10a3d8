"""One question to an application in this process, and its answer as it comes.

Rules: no more is taken of the answer than is read, but for a little. Who leaves is gone for the application
too, which then ends its work; one that does not is ended.
"""

import asyncio
from collections import deque

from starlette.types import ASGIApp, Message, Scope

from gateway.upstream.line import AHEAD, LineLostError

GRACE_S = 5.0


class Answering:
    """Stands where a connection to a model server would."""

    def __init__(self, body: bytes, silence_s: float) -> None:
        self.status, self.over = 0, False
        self._body: bytes | None = body
        self._silence_s = silence_s
        self._headers: list[tuple[bytes, bytes]] = []
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._more, self._room, self._left = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def begin(self, app: ASGIApp, scope: Scope) -> None:
        """Returns when the head of the answer has come."""
        self._task = asyncio.ensure_future(app(scope, self._receive, self._send))
        self._task.add_done_callback(self._ended)
        while not self.status:
            await self._change()

    def headers(self, name: bytes) -> list[bytes]:
        return [value for each, value in self._headers if each == name]

    async def read(self) -> bytes:
        """What came since the last time, as soon as something did; nothing at its end."""
        while not self._pieces:
            if self.over:
                return b""
            await self._change()
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        self._room.set()
        return data

    def close(self) -> None:
        self._left.set()
        self._room.set()
        if self._task is not None and not self._task.done():
            asyncio.get_running_loop().call_later(GRACE_S, self._task.cancel)

    async def _change(self) -> None:
        if self._task is not None and self._task.done():
            raise LineLostError("ended")
        self._more.clear()
        async with asyncio.timeout(self._silence_s):
            await self._more.wait()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        # Looked at, so that nobody logs it: its message may hold text.
        if not task.cancelled():
            task.exception()
        self._more.set()

    async def _receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if self._left.is_set():
            raise OSError("nobody reads this any more")
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._headers = [(name.lower(), value) for name, value in message.get("headers", ())]
        elif message["type"] == "http.response.body":
            await self._take(message.get("body", b""), more=message.get("more_body", False))
        self._more.set()

    async def _take(self, piece: bytes, more: bool) -> None:
        if piece:
            self._pieces.append(piece)
            self._size += len(piece)
        self.over = not more
        self._more.set()
        if self._size > AHEAD and more:
            self._room.clear()
            await self._room.wait()
