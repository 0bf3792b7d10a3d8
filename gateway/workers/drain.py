"""How a gateway ends: what is under way goes on for a while, and then ends closed, with an error of the API.

Rule: a request that the end cuts off is told so and has its record, as any other that fails.
"""

import asyncio
import math

from gateway.limits.patience import Patience


class Drain:
    """Begins once. Belongs to the event loop it is used in."""

    def __init__(self) -> None:
        self.over_at = math.inf
        self.under_way: set[Patience] = set()

    @property
    def begun(self) -> bool:
        return self.over_at < math.inf

    def begin(self, drain_s: float) -> None:
        """From now on requests have this long; a second call may only make it shorter."""
        over_at = asyncio.get_running_loop().time() + drain_s
        if over_at < self.over_at:
            self.over_at = over_at
            for patience in tuple(self.under_way):
                patience.heed()

    def left_s(self) -> float:
        """How long requests still have."""
        return max(0.0, self.over_at - asyncio.get_running_loop().time())
