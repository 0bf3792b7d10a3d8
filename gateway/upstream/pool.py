"""The connections to the model server: those that are free are used again, for a while.

Rules: as many are asked at a time as the settings say, and whoever comes when there is none waits. One that
was closed just as it was asked again is replaced by a new one, once. Proxies of the environment are ignored:
they would see every prompt.
"""

import asyncio
import ssl

from yarl import URL

from gateway.config import Upstream
from gateway.upstream.line import Line, LineLostError

# Shorter than the five seconds after which vLLM closes a connection that nobody uses.
KEPT_S = 3.0


class UnreachableError(ConnectionError):
    """There is no connection to be had."""


class Pool:
    """Belongs to one event loop."""

    def __init__(self, config: Upstream) -> None:
        url = URL(config.base_url)
        self._host, self._port = url.raw_host or "", url.port or 0
        self._connect_s, self._silence_s = config.connect_timeout_s, config.idle_timeout_s
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._places = asyncio.Semaphore(config.connections)
        # Since when each is free. Which was used last is used first.
        self._free: dict[Line, float] = {}
        self._sweep: asyncio.TimerHandle | None = None

    async def ask(self, *request: bytes) -> Line:
        """A line that begins to answer. Give it back."""
        await self._places.acquire()
        try:
            return await self._asked(request)
        except BaseException:
            self._places.release()
            raise

    def give_back(self, line: Line) -> None:
        self._places.release()
        if not line.free:
            line.close()
            return
        loop = asyncio.get_running_loop()
        self._free[line] = loop.time()
        if self._sweep is None:
            self._sweep = loop.call_later(KEPT_S, self._end_old)

    def close(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        while self._free:
            self._free.popitem()[0].close()

    async def _asked(self, request: tuple[bytes, ...]) -> Line:
        line = self._kept() or await self._connected()
        try:
            return await _answering(line, request)
        except LineLostError:
            if line.begun:
                raise
        return await _answering(await self._connected(), request)

    def _kept(self) -> Line | None:
        while self._free:
            line, _ = self._free.popitem()
            if line.open:
                return line
        return None

    def _end_old(self) -> None:
        """One timer for all: it waits for the one that is free for longest, which is the first."""
        loop, self._sweep = asyncio.get_running_loop(), None
        now = loop.time()
        while self._free:
            line, since = next(iter(self._free.items()))
            if since + KEPT_S > now:
                self._sweep = loop.call_at(since + KEPT_S, self._end_old)
                return
            del self._free[line]
            line.close()

    async def _connected(self) -> Line:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_s) as limit:
                _, line = await loop.create_connection(
                    lambda: Line(self._silence_s), self._host, self._port, ssl=self._tls
                )
        except OSError as error:
            if limit.expired():
                raise TimeoutError("no connection in time") from None
            raise UnreachableError(type(error).__name__) from None
        return line


async def _answering(line: Line, request: tuple[bytes, ...]) -> Line:
    try:
        await line.ask(*request)
    except BaseException:
        line.close()
        raise
    return line
