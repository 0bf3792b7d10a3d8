"""What the client gets on the line: one JSON body, or a stream of events, always with the same headers."""

import orjson
from starlette.types import Send

from gateway.errors import ApiError, Json
from gateway.wire.framing import DataFraming, Framing

# As much as a server lets wait for a client before it waits itself.
PIECE = 65_536

Headers = list[tuple[bytes, bytes]]

STREAM_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)


class Outlet:
    """Knows whether the answer has begun, and so in which shape an error can still be told."""

    def __init__(self, send: Send, request_id: str, framing: Framing | None = None) -> None:
        self._send, self.framing = send, framing or DataFraming()
        self._id = (b"x-request-id", request_id.encode())
        self.begun = False
        self.ended = False

    async def json(self, body: Json, status: int = 200, headers: Headers | None = None) -> None:
        await self.encoded(orjson.dumps(body), status, headers)

    async def encoded(self, data: bytes, status: int = 200, headers: Headers | None = None) -> None:
        """The same, of a body that is written already."""
        head = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
        await self._start(status, [*head, *(headers or [])])
        await self._body(data, more=False)

    async def events(self, events: list[Json]) -> None:
        """Send events, the headers before the first of them: until then an error is an answer of its own."""
        if not events:
            return
        if not self.begun:
            await self._start(200, list(STREAM_HEADERS))
        await self._body(self.framing.events(events), more=True)

    def close(self) -> None:
        """The request is over; nothing is sent any more."""

    def wait(self) -> None:
        """What has not begun does not begin but with what is sent from now on."""

    async def done(self) -> None:
        await self._body(self.framing.done(), more=False)

    async def fail(self, error: ApiError) -> None:
        """Tell an error as the answer, or as the last event of one that has begun."""
        if self.ended:
            return
        if self.begun:
            await self._body(self.framing.cut(error), more=False)
        else:
            await self.json(self.framing.error(error), error.status, error.headers())

    async def _start(self, status: int, headers: Headers) -> None:
        self.begun = True
        await self._send({"type": "http.response.start", "status": status, "headers": [*headers, self._id]})

    async def _body(self, data: bytes, more: bool) -> None:
        """In pieces, so that no more waits for a slow reader than a piece and what is not sent yet."""
        last = max(0, len(data) - 1) // PIECE * PIECE
        for start in range(0, last, PIECE):
            piece = data[start : start + PIECE]
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        self.ended = not more
        await self._send({"type": "http.response.body", "body": data[last:], "more_body": more})
