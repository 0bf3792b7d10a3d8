"""One connection to the model server, which is asked one thing after the other.

Rules: what it says is bounded, its head and what waits to be read. How long it is silent counts only while
it owes something and is read. Once it ended before its answer did, or said what is no HTTP, reading fails.
"""

import asyncio
from typing import cast

import httptools

HEAD_BYTES = 65_536
# As much is read ahead of who reads.
AHEAD = 131_072
# Statuses below are hints that come before the answer.
FINAL = 200
SIZES = frozenset({b"content-length", b"transfer-encoding"})


class LineLostError(ConnectionError):
    """It ended before the answer did."""


class LineBrokenError(ValueError):
    """It said what is no answer in HTTP/1.1."""


class Line(asyncio.Protocol):
    def __init__(self, silence_s: float) -> None:
        self._silence_s = silence_s
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._failure: Exception | None = None
        self._owes = False
        self._forget()

    def _forget(self) -> None:
        self.status, self._headers, self._head = 0, list[tuple[bytes, bytes]](), 0
        self._pieces, self._size = list[bytes](), 0
        self._begun = self._headed = self._over = self._paused = False
        self._keeps = self._tells_size = False

    @property
    def open(self) -> bool:
        return self._failure is None

    @property
    def begun(self) -> bool:
        """Whether anything came of the answer."""
        return self._begun

    @property
    def over(self) -> bool:
        """Whether all of the answer came."""
        return self._over

    @property
    def free(self) -> bool:
        """Whether it can be asked again."""
        return self._over and self._keeps and self.open and not self._transport.get_write_buffer_size()

    def headers(self, name: bytes) -> list[bytes]:
        """All of that name, which is in small letters."""
        return [value for each, value in self._headers if each == name]

    async def ask(self, *request: bytes) -> None:
        """Returns when the head of the answer has come."""
        if self._failure is not None:
            raise self._failure
        self._forget()
        self._owes, self._heard_at = True, self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_at(self._heard_at + self._silence_s, self._silent)
        self._transport.writelines(request)
        while not self._headed:
            await self._more()

    async def read(self) -> bytes:
        """What came of the body since the last time, as soon as something did; nothing at its end."""
        while not self._pieces:
            # What was lost after the end is not missed.
            if self._over and not isinstance(self._failure, LineBrokenError):
                return b""
            await self._more()
        pieces, self._pieces, self._size = self._pieces, [], 0
        if self._paused and self.open:
            self._paused, self._heard_at = False, self._loop.time()
            self._transport.resume_reading()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        """At once: what it still has to say is not heard."""
        self._fail(LineLostError("closed"))

    async def _more(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._waiter = self._loop.create_future()
        await self._waiter

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if not self._owes:
            self._fail(LineLostError("said what nobody asked for"))
            return
        self._begun, self._heard_at = True, self._loop.time()
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(LineBrokenError("no HTTP"))
        if not self._headed:
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self._fail(LineBrokenError("a head that is too large"))
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None and self._headed and not self._sized:
            self.on_message_complete()
        self._fail(LineLostError("ended"))
        # It holds this line.
        del self._parser

    def on_message_begin(self) -> None:
        if self._over:
            self._keeps = False
        else:
            self._headers, self._tells_size = [], False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._headed:
            name = name.lower()
            self._headers.append((name, value))
            self._tells_size = self._tells_size or name in SIZES

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if not self._headed and status >= FINAL:
            self.status, self._headed = status, True

    def on_body(self, body: bytes) -> None:
        if self._over:
            return
        self._pieces.append(body)
        self._size += len(body)
        if self._size > AHEAD and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if not self._headed or self._over:
            return
        self._over, self._keeps = True, self._sized and self._parser.should_keep_alive()
        self._owes = False
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    @property
    def _sized(self) -> bool:
        """Whether the answer tells where it ends; one that does not ends with its connection."""
        return self._tells_size or self.status in (204, 304)

    def _silent(self) -> None:
        """The timer runs on between two answers: most come long before it, and each would set a new one."""
        if not self._owes:
            self._timer = None
            return
        now = self._loop.time()
        due = (now if self._paused else self._heard_at) + self._silence_s
        if due > now:
            self._timer = self._loop.call_at(due, self._silent)
        else:
            self._fail(TimeoutError("silence"))

    def _fail(self, failure: Exception) -> None:
        if self._failure is None:
            self._failure, self._owes = failure, False
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._transport.abort()
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
