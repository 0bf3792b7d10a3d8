"""The model server. It gets the body that the gateway built and the gateway's own headers, and nothing else.

Rule: a call that is left (an error, a stop, a client that went away) is closed at once, without an await, so
that the model server stops generating.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Self

import aiohttp
import orjson
from yarl import URL

from gateway.config import Limits, Upstream
from gateway.errors import ApiError, upstream_broken, upstream_cut, upstream_down, upstream_slow
from gateway.upstream import sse
from gateway.upstream.lost_line import told_when_lost

JSON_TYPE = "application/json"
STREAM_TYPE = "text/event-stream"
ERROR_BYTES = 65_536
LIST_BYTES = 2**20
CHECK_S = 3.0
REST_S = 0.1
TOGETHER = 64
# Shorter than the five seconds after which vLLM closes a connection that nobody uses, and than the longest
# silence: aiohttp may go on timing it after the end of a long answer, and then ends what is still to be read.
KEPT_S = 3.0
KEPT_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer under way. Read it as `body` or as `events`, once."""

    response: aiohttp.ClientResponse
    limits: Limits

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def retry_after(self) -> str | None:
        value = self.response.headers.get("Retry-After", "")
        return value if value.isascii() and value.isdecimal() and len(value) < 6 else None

    @property
    def streamed(self) -> bool:
        return self.response.content_type == STREAM_TYPE

    async def body(self, limit: int | None = None) -> bytes:
        """All of it. More than the limit, or less than was promised, is an error."""
        limit = limit or self.limits.answer_bytes
        data = bytearray()
        with Failures():
            while piece := await self.response.content.readany():
                data += piece
                if len(data) > limit:
                    raise upstream_broken()
        return bytes(data)

    async def events(self) -> AsyncGenerator[list[sse.Event]]:
        """The events as they come: those of one piece together, but not too many."""
        reader = sse.EventReader(self.limits.event_bytes)
        with Failures():
            while piece := await self.response.content.readany():
                try:
                    events = reader.feed(piece)
                except sse.EventTooLong:
                    raise upstream_broken() from None
                for first in range(0, len(events), TOGETHER):
                    yield events[first : first + TOGETHER]

    async def rest(self) -> None:
        """Read what follows the end of a stream, so that the connection can be used again."""
        with suppress(TimeoutError, aiohttp.ClientError, ConnectionError):
            async with asyncio.timeout(REST_S):
                while not self.response.content.at_eof():
                    await self.response.content.readany()


class Failures:
    """What can go wrong on the line, as errors of the API."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        match error:
            case TimeoutError():
                raise upstream_slow() from None
            case aiohttp.ClientConnectorError():
                raise upstream_down() from None
            case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError() | OSError():
                raise upstream_cut() from None
            case aiohttp.ClientError():
                raise upstream_broken() from None


class UpstreamClient:
    """One pool of connections. Proxies of the environment are ignored: they would see every prompt."""

    def __init__(self, config: Upstream, limits: Limits) -> None:
        self._config, self.limits = config, limits
        # Read once: it takes longer than to send a short body.
        self._chat = URL(f"{config.base_url}/chat/completions")
        key = config.api_key
        self._headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=self._config.connect_timeout_s, sock_read=self._config.idle_timeout_s
        )
        kept_s = min(KEPT_S, KEPT_SHARE * self._config.idle_timeout_s)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._config.connections, keepalive_timeout=kept_s),
            timeout=timeout,
            trust_env=False,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity", "User-Agent": "unsay"} | self._headers,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def chat(self, body: bytes, request_id: str) -> AsyncIterator[Reply]:
        headers = {"Content-Type": JSON_TYPE, "X-Request-Id": request_id}
        with Failures():
            response = await self._post(self._chat, body, headers)
        try:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise upstream_broken()
            with told_when_lost(response):
                yield Reply(response, self.limits)
        finally:
            response.close()

    async def _post(self, url: URL, data: bytes, headers: dict[str, str]) -> aiohttp.ClientResponse:
        """A kept connection may be closed just as it is used again: then it is tried once more."""
        assert self._session is not None
        try:
            return await self._session.post(url, data=data, headers=headers, allow_redirects=False)
        except aiohttp.ServerDisconnectedError:
            return await self._session.post(url, data=data, headers=headers, allow_redirects=False)

    async def reached(self) -> bool:
        """Whether the model server answers and takes the key. Not all list models: any answer will do."""
        try:
            async with self._listed() as response:
                return response.status not in (401, 403)
        except ApiError:
            return False

    async def models(self) -> list[str]:
        """The names under which the model server serves."""
        async with self._listed() as response:
            if response.status != 200:
                raise upstream_down()
            with told_when_lost(response):
                return _names(await Reply(response, self.limits).body(LIST_BYTES))

    @asynccontextmanager
    async def _listed(self) -> AsyncIterator[aiohttp.ClientResponse]:
        assert self._session is not None
        timeout = aiohttp.ClientTimeout(total=CHECK_S)
        url = f"{self._config.base_url}/models"
        with Failures():
            async with self._session.get(url, timeout=timeout, allow_redirects=False) as response:
                yield response


def _names(data: bytes) -> list[str]:
    try:
        listed = orjson.loads(data)["data"]
        return [model["id"] for model in listed if isinstance(model["id"], str)]
    except (ValueError, KeyError, TypeError):
        raise upstream_broken() from None
