"""How much of something one key may use in a time, in all worker processes together.

Rule: an allowance fills up evenly, to that of one whole period, and is kept as one number: the moment at
which it is full again (the generic cell rate algorithm). The libraries that share such counts between
processes want a server (`limits`), or write a row in a file for every request (`pyrate-limiter`).
"""

import time
from collections.abc import Callable

from gateway.limits.shared_table import SharedTable

# The same in all processes of one machine, and never set back.
Clock = Callable[[], float]


class Allowance:
    """`amount` in each `period_s`, at most one whole amount of it at once."""

    def __init__(
        self,
        table: SharedTable,
        row: int,
        amount: float,
        period_s: float,
        clock: Clock = time.monotonic,
    ) -> None:
        self.amount = amount
        self._table, self._row, self._clock = table, row, clock
        self._each_s = period_s / amount if amount else 0.0
        # Less than one in a period is one in a longer one.
        self._full_s = max(period_s, self._each_s) if amount else 0.0

    def take(self) -> float:
        """Take one. Gives 0, or the seconds until there is one and nothing was taken."""
        with self._table.locked(self._row):
            now, full_at = self._times()
            wait = full_at + self._each_s - self._full_s - now
            if wait > 0:
                return wait
            self._table[self._row] = full_at + self._each_s
            return 0.0

    def spend(self, amount: float) -> bool:
        """Take so much, or all that is left. Gives whether there was so much."""
        if not amount:
            return True
        with self._table.locked(self._row):
            now, full_at = self._times()
            left = now + self._full_s
            after = full_at + amount * self._each_s
            self._table[self._row] = min(after, left)
            return bool(self._each_s) and after <= left

    @property
    def empty(self) -> bool:
        """Whether not even one is left."""
        now, full_at = self._times()
        return not self._each_s or full_at + self._each_s > now + self._full_s

    def _times(self) -> tuple[float, float]:
        now = self._clock()
        return now, max(now, self._table[self._row])
