"""The model server. It gets the body that the gateway built and the gateway's own headers, and nothing else.

Rule: a call that is left (an error, a stop, a client that went away) is closed at once, without an await, so
that the model server stops generating.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, Self

import orjson
from yarl import URL

from gateway.config import Limits, Upstream
from gateway.errors import ApiError, upstream_broken, upstream_cut, upstream_down, upstream_slow
from gateway.limits.bodies import Load
from gateway.upstream import sse
from gateway.upstream.line import LineBrokenError, LineLostError
from gateway.upstream.pool import Pool, UnreachableError

STREAM_TYPE = b"text/event-stream"
ERROR_BYTES = 65_536
LIST_BYTES = 2**20
CHECK_S = 3.0
REST_S = 0.1
# What can go wrong on the line.
FAILURES = (TimeoutError, UnreachableError, LineLostError, LineBrokenError)
# So many events are one batch at most, for the answers of others go on in between.
TOGETHER = 64


class Answering(Protocol):
    """Whoever begins to answer; `gateway.upstream.line.Line` is one."""

    @property
    def status(self) -> int: ...

    @property
    def over(self) -> bool: ...

    def headers(self, name: bytes) -> list[bytes]: ...

    async def read(self) -> bytes: ...


class Asking(Protocol):
    """How the model server is reached; `gateway.upstream.pool.Pool` is one. It is given back what it gave."""

    async def ask(self, *request: bytes) -> Answering: ...

    def give_back(self, line: Any) -> None: ...

    def close(self) -> None: ...


Connections = Callable[[Upstream], Asking]


@dataclass(frozen=True, slots=True)
class Listed:
    """The names under which a model server serves, and what else it calls these models."""

    names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer under way. Read it as `body` or as `events`, once."""

    line: Answering
    limits: Limits
    load: Load | None = None

    @property
    def status(self) -> int:
        return self.line.status

    @property
    def retry_after(self) -> str | None:
        value = b"".join(self.line.headers(b"retry-after")[:1])
        return value.decode() if value.isdigit() and len(value) < 6 else None

    @property
    def streamed(self) -> bool:
        kinds = self.line.headers(b"content-type")
        return len(kinds) == 1 and kinds[0].partition(b";")[0].strip().lower() == STREAM_TYPE

    async def body(self, limit: int | None = None) -> bytes:
        """All of it. More than the limit, or less than was promised, is an error."""
        limit = limit or self.limits.answer_bytes
        data = bytearray()
        while piece := await self._read():
            self.holds(len(piece))
            data += piece
            if len(data) > limit:
                raise upstream_broken()
        return bytes(data)

    def holds(self, more: int) -> None:
        """Count what is kept of the answer until its request is over."""
        if self.load is not None:
            self.load.take(more)

    async def events(self) -> AsyncGenerator[list[sse.Event]]:
        """The events as they come: those of one piece together, but not too many."""
        reader = sse.EventReader(self.limits.event_bytes)
        while piece := await self._read():
            try:
                events = reader.feed(piece)
            except sse.EventTooLong:
                raise upstream_broken() from None
            for first in range(0, len(events), TOGETHER):
                yield events[first : first + TOGETHER]

    async def _read(self) -> bytes:
        try:
            return await self.line.read()
        except FAILURES as error:
            raise told(error) from None

    async def rest(self) -> None:
        """Read what follows the end of a stream, so that the connection can be used again."""
        if self.line.over:
            return
        with suppress(TimeoutError, LineLostError, LineBrokenError):
            async with asyncio.timeout(REST_S):
                while await self.line.read():
                    pass


def told(failure: Exception) -> ApiError:
    """What went wrong on the line, as an error of the API."""
    match failure:
        case TimeoutError():
            return upstream_slow()
        case UnreachableError():
            return upstream_down()
        case LineLostError():
            return upstream_cut()
    return upstream_broken()


class Call:
    """One question to the model server, around all that is done with its answer."""

    __slots__ = ("_limits", "_line", "_load", "_pool", "_request")

    def __init__(self, pool: Asking, limits: Limits, *request: bytes, load: Load | None = None) -> None:
        self._pool, self._limits, self._request, self._load = pool, limits, request, load
        self._line: Answering | None = None

    async def __aenter__(self) -> Reply:
        try:
            self._line = line = await self._pool.ask(*self._request)
        except FAILURES as error:
            raise told(error) from None
        if any(coding != b"identity" for coding in line.headers(b"content-encoding")):
            self._pool.give_back(line)
            raise upstream_broken()
        return Reply(line, self._limits, self._load)

    async def __aexit__(self, *_: object) -> None:
        assert self._line is not None
        self._pool.give_back(self._line)


class UpstreamClient:
    """Open it in the event loop that it serves."""

    def __init__(self, config: Upstream, limits: Limits, connections: Connections = Pool) -> None:
        self._config, self.limits, self._connections = config, limits, connections
        self._post, self._models = _heads(config)
        self._pool: Asking | None = None

    async def __aenter__(self) -> Self:
        self._pool = self._connections(self._config)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.close()

    def post(
        self, path: str, body: bytes, request_id: str, load: Load | None = None, more: bytes = b""
    ) -> Call:
        """`path` is below the address. `load`: what the request holds; all of its answer is added to it.
        `more`: further lines of the head, which the gateway wrote.
        """
        assert self._pool is not None
        head = self._post % (path.encode(), request_id.encode(), more, len(body))
        return Call(self._pool, self.limits, head, body, load=load)

    async def reached(self) -> bool:
        """Whether the model server answers and takes the key. Not all list models: any answer will do."""
        try:
            async with asyncio.timeout(CHECK_S), self._listed() as reply:
                return reply.status not in (401, 403)
        except (ApiError, *FAILURES):
            return False

    async def models(self) -> Listed:
        try:
            async with asyncio.timeout(CHECK_S), self._listed() as reply:
                if reply.status != 200:
                    raise upstream_down()
                return _names(await reply.body(LIST_BYTES))
        except FAILURES as error:
            raise told(error) from None

    def _listed(self) -> Call:
        assert self._pool is not None
        return Call(self._pool, self.limits, self._models)


def _heads(config: Upstream) -> tuple[bytes, bytes]:
    """How requests begin: one that asks, without its path, id and length, and all of one for the models."""
    url, key = URL(config.base_url), config.api_key
    own = [f"Host: {url.raw_authority}", "Accept: */*", "Accept-Encoding: identity", "User-Agent: unsay"]
    own += [f"Authorization: Bearer {key.get_secret_value()}"] if key else []
    path = url.raw_path.rstrip("/").encode()
    rest = "\r\n".join(["", *own, ""]).encode()
    models = b"GET %b/models HTTP/1.1%b\r\n" % (path, rest)
    post = b"POST %b/" % path.replace(b"%", b"%%") + b"%b HTTP/1.1" + rest.replace(b"%", b"%%")
    sized = b"Content-Type: application/json\r\nX-Request-Id: %b\r\n%bContent-Length: %d\r\n\r\n"
    return post + sized, models


def _names(data: bytes) -> Listed:
    try:
        cards = [card for card in orjson.loads(data)["data"] if isinstance(card["id"], str)]
        others = (card.get(name) for card in cards for name in ("root", "parent"))
        names = dict.fromkeys(card["id"] for card in cards)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise upstream_broken() from None
    return Listed(tuple(names), tuple(dict.fromkeys(other for other in others if isinstance(other, str))))
