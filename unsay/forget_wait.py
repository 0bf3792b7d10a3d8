"""Waiting until what was asked for is in force at every replica that is known.

Rule: a replica is known that reported within a day, or had the newest reported record in force: others are
gone, and are named. Where none is known the first that reports is waited for.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gateway.admin.desk import Desk
from gateway.admin.documents import ReplicaDocument, RequestDocument
from gateway.admin.showing import COMPILED

RECENT = timedelta(days=1)
POLL_S = 0.2

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Replicas:
    """`known` are waited for, `gone` are not."""

    known: frozenset[str]
    gone: frozenset[str]

    @staticmethod
    def of(found: Sequence[ReplicaDocument], now: datetime | None = None) -> "Replicas":
        since = (now or datetime.now(UTC)) - RECENT
        newest = max((one.sequence for one in found), default=0)
        known = frozenset(one.replica for one in found if one.sequence == newest or one.at > since)
        return Replicas(known, frozenset(one.replica for one in found) - known)


@dataclass(slots=True)
class Waiting:
    """`replicas`: as they were before anything was asked for. `told`: of each replica, once it reports."""

    replicas: Replicas
    told: Told
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _seen: set[str] = field(default_factory=set)

    def until(self, desk: Desk, request: str, within_s: float) -> tuple[str, ...]:
        """Who has not reported in time: nobody, once all have. Where nobody is known and nobody came: `?`."""
        for gone in sorted(self.replicas.gone):
            self.told(f"{gone}: has not reported for a day, and is not waited for")
        end = self.clock() + within_s
        while True:
            found = desk.show(request)
            missing = self._missing(found)
            if not missing or self.clock() >= end:
                return missing
            self.pause(min(POLL_S, max(0.0, end - self.clock())))

    def _missing(self, found: RequestDocument) -> tuple[str, ...]:
        done = {replica for replica, parts in _parts(found) if parts >= _wanted(found)}
        for replica in sorted(done - self._seen):
            after_s = max(one.after_s for one in found.in_force if one.replica == replica)
            self.told(f"{replica}: in force {after_s:g} s after it was asked for")
        self._seen |= done
        return tuple(sorted(self.replicas.known - done)) or (() if done else ("?",))


def _wanted(found: RequestDocument) -> set[str]:
    parts = {"exact": found.exact, "semantic": found.semantic}
    return {part for part, state in parts.items() if state == COMPILED}


def _parts(found: RequestDocument) -> Iterator[tuple[str, set[str]]]:
    for replica in {one.replica for one in found.in_force}:
        yield replica, {one.part for one in found.in_force if one.replica == replica}
