"""How many requests one worker works on at a time, and how many wait.

Rule: who came first is next. Whoever finds the queue full, or waits too long, is told to come again later;
whoever leaves while waiting frees its place.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from gateway import errors
from gateway.config import Limits


class Tally(Protocol):
    """Counts those who wait."""

    def inc(self) -> None: ...

    def dec(self) -> None: ...


class Slots:
    """Belongs to one event loop."""

    def __init__(self, limits: Limits, tally: Tally | None = None) -> None:
        self._free, self._tally = asyncio.Semaphore(limits.requests), tally
        self._queue, self._queue_s = limits.queue, limits.queue_s
        self.waiting = 0

    def one(self) -> "_Slot":
        """A slot, once there is one."""
        return _Slot(self)

    async def take(self) -> None:
        if self._free.locked():
            with self._place():
                await self._turn()
        else:
            await self._free.acquire()

    def give_back(self) -> None:
        self._free.release()

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self.waiting >= self._queue:
            raise errors.overloaded()
        self.waiting += 1
        if self._tally is not None:
            self._tally.inc()
        try:
            yield
        finally:
            self.waiting -= 1
            if self._tally is not None:
                self._tally.dec()

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(self._queue_s):
                await self._free.acquire()
        except TimeoutError:
            raise errors.overloaded() from None


class _Slot:
    """A class, because a generator would cost every request four times as much."""

    __slots__ = ("_slots",)

    def __init__(self, slots: Slots) -> None:
        self._slots = slots

    async def __aenter__(self) -> None:
        await self._slots.take()

    async def __aexit__(self, *_: object) -> None:
        self._slots.give_back()
