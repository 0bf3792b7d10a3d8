"""When the ledger was last heard, and which of its records is in force: read by every process of a gateway.

Rule: one process writes, the one that follows. Whoever reads needs nobody else to be alive: a follower that
hangs, or is gone, shows by its silence.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.limits.shared_table import SharedTable

_HEARD, _SEQUENCE = range(2)
NEVER = 0.0


@dataclass(frozen=True, slots=True)
class Contact:
    """Make it before forking. The clock is one that all processes share. Records are counted from 1 here."""

    numbers: SharedTable
    now: Callable[[], float] = time.monotonic

    @staticmethod
    def new() -> "Contact":
        return Contact(SharedTable(2))

    def heard(self) -> None:
        """The ledger has just answered."""
        self.numbers[_HEARD] = self.now()

    def put_in_force(self, sequence: int) -> None:
        self.numbers[_SEQUENCE] = sequence + 1

    @property
    def silent_s(self) -> float:
        """Since when it was not heard; for ever, where it never was."""
        heard = self.numbers[_HEARD]
        return float("inf") if heard == NEVER else self.now() - heard

    @property
    def sequence(self) -> int:
        """The last record in force; -1 before any is."""
        return int(self.numbers[_SEQUENCE]) - 1
