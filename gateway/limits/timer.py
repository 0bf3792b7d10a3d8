"""One thing that happens after a time, unless it is called off before.

Rule: what runs already is not begun anew, so that whoever does a little now and then gains no time by it.
"""

import asyncio
from collections.abc import Callable


class Timer:
    __slots__ = ("_handle", "_happens", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, happens: Callable[[], None]) -> None:
        self._loop, self._happens = loop, happens
        self._handle: asyncio.TimerHandle | None = None

    def start(self, seconds: float) -> None:
        if self._handle is None:
            self._handle = self._loop.call_later(seconds, self._over)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _over(self) -> None:
        self._handle = None
        self._happens()
