"""How long one request goes on: for its own time, to the gateway's end, or until its client leaves.

Rule: whichever comes first ends it, and is what the client is told. One timer does for all of them. Where
there is more time by now it is left as it is, and set again once it is over: most requests end before.
"""

import asyncio
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gateway import errors
from gateway.body import ClientGone

if TYPE_CHECKING:
    from gateway.workers.drain import Drain


class Patience:
    """Around one request, in its own task. It ends a request as `asyncio.timeout` does."""

    __slots__ = ("_at", "_drain", "_due", "_late", "_left", "_loop", "_over", "_task", "_timer")

    def __init__(self, drain: "Drain") -> None:
        self._drain, self._loop = drain, asyncio.get_running_loop()
        self._at = self._due = math.inf
        self._late = errors.ending
        self._left = self._over = False
        self._task: asyncio.Task[Any] | None = None
        self._timer: asyncio.Handle | None = None

    async def __aenter__(self) -> None:
        self._task = asyncio.current_task()
        self._drain.under_way.add(self)
        if self._drain.begun:
            self.heed()

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._drain.under_way.discard(self)
        task, self._task = self._task, None
        if self._timer is not None:
            self._timer.cancel()
        if self._over:
            assert task is not None
            if task.uncancel() == 0 and kind is asyncio.CancelledError:
                raise self._why() from None

    def within(self, seconds: float, late: Callable[[], errors.ApiError]) -> None:
        """From now on it has so long, and then ends with this error."""
        self._due, self._late = self._loop.time() + seconds, late
        self.heed()

    def leave(self) -> None:
        """Nobody waits for it any more."""
        self._left = True
        self.heed()

    def heed(self) -> None:
        """Something changed of what ends it."""
        at = self._ends_at()
        if self._timer is not None:
            if self._at <= at:
                return
            self._timer.cancel()
        self._set(at)

    def _ends_at(self) -> float:
        return 0.0 if self._left else min(self._due, self._drain.over_at)

    def _set(self, at: float) -> None:
        if self._task is not None and not self._over and at < math.inf:
            self._at, self._timer = at, self._loop.call_at(at, self._look)

    def _look(self) -> None:
        self._timer = None
        at = self._ends_at()
        if at > self._loop.time():
            self._set(at)
        elif self._task is not None:
            self._over = True
            self._task.cancel()

    def _why(self) -> Exception:
        if self._left:
            return ClientGone()
        return errors.ending() if self._drain.over_at <= self._due else self._late()
