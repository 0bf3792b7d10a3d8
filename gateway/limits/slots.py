"""How many requests one worker works on at a time, and how many wait.

Rule: who came first is next. Whoever finds the queue full, or waits too long, is told to come again later;
whoever leaves while waiting frees its place.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from gateway import errors
from gateway.body import ClientGone
from gateway.config import Limits

# Returns when the client is gone.
Left = Callable[[], Awaitable[None]]


class Slots:
    """Belongs to one event loop."""

    def __init__(self, limits: Limits) -> None:
        self._free = asyncio.Semaphore(limits.requests)
        self._queue, self._queue_s = limits.queue, limits.queue_s
        self.waiting = 0

    @asynccontextmanager
    async def one(self, left: Left) -> AsyncIterator[None]:
        """A slot, once there is one."""
        if self._free.locked():
            with self._place():
                await self._turn(left)
        else:
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self.waiting >= self._queue:
            raise errors.overloaded()
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1

    async def _turn(self, left: Left) -> None:
        async def watch() -> None:
            await left()
            limit.reschedule(0)

        try:
            async with asyncio.timeout(self._queue_s) as limit:
                leaving = asyncio.ensure_future(watch())
                try:
                    await self._free.acquire()
                finally:
                    leaving.cancel()
        except TimeoutError:
            raise (ClientGone() if leaving.done() else errors.overloaded()) from None
