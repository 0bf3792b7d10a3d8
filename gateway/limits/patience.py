"""How long one request goes on: for its own time, to the gateway's end, or until its client leaves.

Rule: whichever comes first ends it, and is what the client is told. One timer does for all of them.
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
    """Around one request, in its own task."""

    __slots__ = ("_drain", "_due", "_late", "_left", "_limit")

    def __init__(self, drain: "Drain") -> None:
        self._drain, self._limit = drain, asyncio.timeout(None)
        self._due, self._late = math.inf, errors.ending
        self._left = False

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()
        self._drain.under_way.add(self)
        if self._drain.begun:
            self.heed()

    async def __aexit__(self, *raised: Any) -> None:
        self._drain.under_way.discard(self)
        try:
            await self._limit.__aexit__(*raised)
        except TimeoutError:
            raise self._why() from None

    def within(self, seconds: float, late: Callable[[], errors.ApiError]) -> None:
        """From now on it has so long, and then ends with this error."""
        self._due, self._late = asyncio.get_running_loop().time() + seconds, late
        self.heed()

    def leave(self) -> None:
        """Nobody waits for it any more."""
        self._left = True
        self.heed()

    def heed(self) -> None:
        """Something changed of what ends it."""
        if not self._limit.expired():
            self._limit.reschedule(0 if self._left else min(self._due, self._drain.over_at))

    def _why(self) -> Exception:
        if self._left:
            return ClientGone()
        return errors.ending() if self._drain.over_at <= self._due else self._late()
