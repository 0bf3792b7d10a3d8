"""How a gateway ends: what is under way goes on for a while, and then ends closed, with an error of the API.

Rule: a request that the end cuts off is told so and has its record, as any other that fails.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Around one request: raises an ApiError inside of it when the time is over."""
        limit = asyncio.timeout_at(self._over_at)
        try:
            async with limit:
                self._limits.add(limit)
                try:
                    yield
                finally:
                    self._limits.discard(limit)
        except TimeoutError:
            if limit.expired():
                raise ending() from None
            raise
