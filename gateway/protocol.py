"""HTTP on the line: the size, the number and the time of a request's headers are bounded.

Rule: whatever comes, the client gets an answer in the shape of the API or a closed connection, and nothing of
what it sent is repeated. What two servers could read differently is refused: such a request can hide another.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import httptools
import orjson
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE
from uvicorn.server import ServerState

from gateway import errors
from gateway.config import Limits
from gateway.errors import ApiError
from gateway.limits.slow_reader import SlowReaders
from gateway.limits.timer import Timer
from gateway.wire.framing import Framing

FIELDS = 128
PIPELINED = 16
# Small, so that what was read of a head that is too large stays small.
SLICE = 4096
# Between pieces of a body: the line may carry 16 times as much framing as body, which is chunks of one byte.
FRAMING = 16
# How long what a client still sends is thrown away, so that it comes to read why.
LINGER_S = 2.0


Framings = Callable[[str], Framing]


class _RefusedError(Exception):
    def __init__(self, error: ApiError) -> None:
        self.error = error


def protocol_with(limits: Limits, framings: Framings) -> type[asyncio.Protocol]:
    """The class that uvicorn makes one of for each connection. `framings`: of the API at a path."""
    return type("Connection", (Protocol,), {"limits": limits, "framings": staticmethod(framings)})


class Protocol(SlowReaders):
    framings: Framings

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._head_timer = Timer(self.loop, self._too_late)
        self._in_head = self._in_body = self._over = False
        self._fed = self._framing = 0
        # Of a connection that is told an error before it has asked.
        self.url = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()
        if len(self.connections) > self.limits.connections:
            self._refuse(errors.overloaded())

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._head_timer.stop()

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        self._unset_keepalive_if_required()
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            known = error.__context__
            self._refuse(known.error if isinstance(known, _RefusedError) else errors.bad_http())
        except _RefusedError as refused:
            self._refuse(refused.error)
        else:
            if self._in_head or not (self._busy or self._over):
                self._expect_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        # What came before it in the same piece is not this head's.
        self._fed = -SLICE

    def on_headers_complete(self) -> None:
        if len(self.headers) > FIELDS:
            raise _RefusedError(errors.too_many_headers(FIELDS))
        if not self._sound() or len(self.pipeline) >= PIPELINED:
            raise _RefusedError(errors.bad_http())
        if self.parser.should_upgrade():
            return  # it is read again
        super().on_headers_complete()
        self._in_head, self._in_body, self._framing = False, True, 0
        # Trailers go nowhere: the request is under way, and its headers stay as they were.
        self.headers = []
        self._head_timer.stop()
        if self.expect_100_continue:
            # After an early answer its body may come or not: the next request could be taken for it.
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self._framing = max(0, self._framing - FRAMING * len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._in_body:
            self._in_body = False
            super().on_message_complete()

    def on_response_complete(self) -> None:
        unread = self._in_body and not self.pipeline
        super().on_response_complete()
        if unread and not self.transport.is_closing():
            self._expect_head()

    @property
    def _busy(self) -> bool:
        """Whether an answer is under way or waits for its turn."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _asking(self) -> bool:
        """Whether the request under way is still being read, and nothing was answered to it yet."""
        return self._in_body and not self.pipeline and not self.cycle.response_started

    def _feed(self, data: bytes) -> None:
        while data and not self._over:
            size = len(data) if self._in_body else SLICE
            piece, data = data[:size], data[size:]
            self._framing += len(piece)
            try:
                self.parser.feed_data(piece)
            except httptools.HttpParserUpgrade as offer:
                data = self._declined() + piece[offer.args[0] :] + data
            if self._in_head:
                self._fed += min(SLICE, len(piece))
                self._check(self._fed)
            elif self._in_body and self._framing > self.limits.header_bytes:
                raise _RefusedError(errors.bad_http())

    def _declined(self) -> bytes:
        """The head of a request that offers another protocol, as if it offered none; read by a new parser."""
        fields = [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        first = b" ".join([self.parser.get_method(), self.url, b"HTTP/1.1"])
        self.parser = httptools.HttpRequestParser(self)
        return b"\r\n".join([first, *fields, b"", b""])

    def _check(self, size: int) -> None:
        if size > self.limits.header_bytes:
            raise _RefusedError(errors.headers_too_large(self.limits.header_bytes))

    def _sound(self) -> bool:
        """What the parser lets through, and a server before this one may read differently."""
        size, hosts, codings = len(self.url), 0, list[bytes]()
        for name, value in self.headers:
            size += len(name) + len(value) + 4
            if name == b"host":
                hosts += 1
            elif name == b"transfer-encoding":
                codings.append(value.lower())
        self._check(size)
        if self.parser.get_method() == b"CONNECT":
            return False
        match self.parser.get_http_version():
            case "1.1":
                return hosts == 1 and codings in ([], [b"chunked"])
            case "1.0":
                return hosts <= 1 and not codings
        return False

    def _expect_head(self) -> None:
        """From here on a head must come in time."""
        self._head_timer.start(self.limits.header_s)

    def _too_late(self) -> None:
        if self._in_head:
            self._refuse(errors.slow_headers())
        elif not self._busy:
            self.transport.close()

    def _refuse(self, error: ApiError) -> None:
        """Tell it now, or where an answer is under way end the connection after that."""
        self._over = True
        self._head_timer.stop()
        if self._busy and not self._asking:
            self.cycle.keep_alive = False
        elif self._in_body and not self._busy:
            self.transport.close()
        else:
            self._leave()
            self._tell_error(error)

    def _path(self) -> str:
        """As far as it was read, and decoded as routes are found by it."""
        try:
            path = httptools.parse_url(self.url).path or b""
        except httptools.HttpParserInvalidURLError:
            path = b""
        return unquote(path.decode("latin-1"))

    def _tell_error(self, error: ApiError) -> None:
        body = orjson.dumps(self.framings(self._path()).error(error))
        fields = [
            *self.server_state.default_headers,
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            *error.headers(),
            (b"connection", b"close"),
        ]
        head = b"".join(name + b": " + value + b"\r\n" for name, value in fields)
        self.transport.write(STATUS_LINE[error.status] + head + b"\r\n" + body)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_S, self.transport.close)
