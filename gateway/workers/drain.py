"""How a gateway ends: what is under way goes on for a while, and then ends closed, with an error of the API.

Rule: a request that the end cuts off is told so and has its record, as any other that fails.
"""

import asyncio
from typing import Any

from gateway.errors import ending


class Drain:
    """Begins once. Belongs to the event loop it is used in."""

    def __init__(self) -> None:
        self.begun = False
        self._over_at: float | None = None
        self._limits: set[asyncio.Timeout] = set()

    def begin(self, drain_s: float) -> None:
        """From now on requests have this long; a second call may only make it shorter."""
        over_at = asyncio.get_running_loop().time() + drain_s
        if self._over_at is not None and self._over_at <= over_at:
            return
        self.begun, self._over_at = True, over_at
        for limit in self._limits:
            limit.reschedule(over_at)

    def left_s(self) -> float:
        """How long requests still have."""
        now = asyncio.get_running_loop().time()
        return float("inf") if self._over_at is None else max(0.0, self._over_at - now)

    def under_way(self) -> "_UnderWay":
        """Around one request: raises an ApiError inside of it when the time is over."""
        return _UnderWay(self._limits, asyncio.timeout_at(self._over_at))


class _UnderWay:
    """A class, because a generator would cost every request four times as much."""

    __slots__ = ("_limit", "_limits")

    def __init__(self, limits: set[asyncio.Timeout], limit: asyncio.Timeout) -> None:
        self._limits, self._limit = limits, limit

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()
        self._limits.add(self._limit)

    async def __aexit__(self, *raised: Any) -> None:
        self._limits.discard(self._limit)
        try:
            await self._limit.__aexit__(*raised)
        except TimeoutError:
            raise ending() from None
