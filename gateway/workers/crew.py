"""The worker processes of one gateway, and what becomes of those that end.

Rules: a worker that served and ended is replaced at once; one that ended before it served, after a pause that
doubles; one that does not take what is new in time is ended. When none could begin, the gateway ends and says
why. No end of one touches another.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from gateway.workers.child import Child
from gateway.workers.worker import Broken, Leave, Ready, Take, Took

log = logging.getLogger("unsay")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
TRIES = 5
GRACE_S = 5.0
# For opening a snapshot that is ready.
TAKE_S = 60.0
Order = Take | Leave


class CrewError(RuntimeError):
    """No worker can serve; says why."""


@dataclass(slots=True, eq=False)
class Member:
    child: Child
    serves: bool = False
    said: str = ""
    takes_until: float | None = None

    @property
    def line(self) -> Connection:
        return self.child.line

    def hear(self) -> None:
        """Take in what it said."""
        try:
            while self.line.poll():
                self._take_in(self.line.recv())
        except (EOFError, OSError):
            return

    def _take_in(self, said: object) -> None:
        match said:
            case Ready():
                self.serves = True
            case Broken(why):
                self.said = why
            case Took():
                self.takes_until = None

    def tell(self, order: Order) -> None:
        try:
            self.line.send(order)
        except OSError:
            return  # it is ending


@dataclass(slots=True)
class Crew:
    """`begin` forks a worker; `ended` is told the process number of one that is gone."""

    begin: Callable[[], Child]
    ended: Callable[[int], None]
    now: Callable[[], float] = time.monotonic
    members: list[Member] = field(default_factory=list)
    _wanted: int = 0
    _failed: int = 0
    _begin_at: float = 0.0
    _served: bool = False

    def start(self, wanted: int) -> None:
        self._wanted = wanted
        self.replace()

    def replace(self) -> None:
        """Begin those that are missing, when it is time to."""
        while len(self.members) < self._wanted and self.now() >= self._begin_at:
            self.members.append(Member(self.begin()))

    @property
    def complete(self) -> bool:
        """Whether all accept requests."""
        return len(self.members) == self._wanted and all(member.serves for member in self.members)

    @property
    def has_taken(self) -> bool:
        """Whether what was told last is in force in all; in one that begins it is from the start."""
        return all(member.takes_until is None for member in self.members)

    def wait_s(self) -> float | None:
        """Until a missing one may begin, or one may be late; none when there is nothing to wait for."""
        times = [one.takes_until for one in self.members if one.takes_until is not None]
        if len(self.members) < self._wanted:
            times.append(self._begin_at)
        return max(0.0, min(times) - self.now()) if times else None

    def waits_for(self) -> Iterator[object]:
        for member in self.members:
            yield member.line
            yield member.child.process.sentinel

    def look(self) -> None:
        """Hear what was said, and see who has ended. Raises CrewError when nobody can serve."""
        for member in self.members:
            member.hear()
        self._end_the_late()
        for member in [one for one in self.members if not one.child.process.is_alive()]:
            self._bury(member)
        if any(member.serves for member in self.members):
            self._served, self._failed = True, 0

    def tell(self, order: Order) -> None:
        for member in self.members:
            member.tell(order)
            if isinstance(order, Take):
                member.takes_until = self.now() + TAKE_S

    def dismiss(self, drain_s: float) -> None:
        """Tell all to end; those that do not serve yet have nothing to finish."""
        self._wanted = 0
        for member in self.members:
            if not member.serves:
                member.child.process.kill()
        self.tell(Leave(drain_s))

    def kill(self) -> None:
        for member in self.members:
            member.child.process.kill()

    def _end_the_late(self) -> None:
        late = (one for one in self.members if one.takes_until is not None and one.takes_until < self.now())
        for member in late:
            log.error("a worker did not take what is new within %g s and is ended", TAKE_S)
            member.child.process.kill()

    def _bury(self, member: Member) -> None:
        member.hear()
        self.members.remove(member)
        how = member.child.ended()
        self.ended(member.child.pid)
        if not self._wanted:
            return
        if member.serves:
            log.warning("a worker ended with %s; another takes its place", how)
        else:
            self._could_not_begin(member.said or f"a worker ended with {how} before it served")

    def _could_not_begin(self, why: str) -> None:
        self._failed += 1
        if not self._served or (self._failed >= TRIES and not self.members):
            raise CrewError(why)
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (self._failed - 1))
        self._begin_at = self.now() + pause
        log.error("a worker could not begin (%s); the next tries in %g s", why, pause)
