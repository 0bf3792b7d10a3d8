"""The follower, from the parent's side: begun, heard, and replaced when it ends, after a pause that doubles.

Rule: while there is none, what is in force stays, and its silence shows.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from gateway.following.standing import Failed, Said, Standing, Told
from gateway.workers.child import Child

log = logging.getLogger("unsay")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0


class FollowError(ValueError):
    """Nothing can be begun with; says why."""


@dataclass(slots=True)
class Following:
    """`begin` forks a follower."""

    begin: Callable[[], Child]
    now: Callable[[], float] = time.monotonic
    child: Child | None = None
    _pause_s: float = FIRST_PAUSE_S
    _begin_at: float = 0.0

    def first(self) -> Standing:
        """What there is to begin with. Waits for it."""
        self.replace()
        assert self.child is not None
        try:
            said = self.child.line.recv()
        except EOFError:
            raise FollowError(f"following the ledger ended with {self.child.ended()}") from None
        if isinstance(said, Failed):
            self.stop()
            raise FollowError(said.said)
        assert isinstance(said, Standing)
        return said

    def tell(self, told: Told) -> None:
        if self.child is not None:
            with suppress(OSError):
                self.child.line.send(told)

    def heard(self) -> list[Said]:
        """What it said since; one that is gone is noticed."""
        said: list[Said] = []
        child = self.child
        if child is None:
            return said
        # Looked at first: what it said before its end is then all there.
        gone = not child.process.is_alive()
        with suppress(EOFError, OSError):
            while child.line.poll():
                said.append(child.line.recv())
                self._pause_s = FIRST_PAUSE_S
        if gone:
            self._bury(child)
        return said

    def replace(self) -> None:
        """Begin one where there is none, when it is time to."""
        if self.child is None and self.now() >= self._begin_at:
            self.child = self.begin()

    def wait_s(self) -> float | None:
        return None if self.child is not None else max(0.0, self._begin_at - self.now())

    def waits_for(self) -> Iterator[object]:
        if self.child is not None:
            yield self.child.line
            yield self.child.process.sentinel

    def stop(self) -> None:
        if self.child is not None:
            self.child.process.kill()
            self.child.ended()
            self.child = None

    def _bury(self, child: Child) -> None:
        how, self.child = child.ended(), None
        self._begin_at = self.now() + self._pause_s
        log.error("following the ledger ended with %s; it begins again in %g s", how, self._pause_s)
        self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s)
