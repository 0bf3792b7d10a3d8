"""When files change while the gateway serves: they are read again, apart, and handed on when they are good.

Rules: a file that is being written is left alone until it has been still for a moment. Looking never costs
more than a twentieth of the time. What failed is tried again when a file changes, or when told to.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Thread

from gateway.place import place
from gateway.workers.child import Child, Family
from gateway.workers.source import TOLD, FilesError, Found, Sight, Source

STILL_S = 0.2
SHARE = 20


@dataclass(frozen=True, slots=True)
class Unread:
    """Nothing could be read; says why."""

    said: str


class Reading:
    """One reading of all files, in a process that ends with it, or with this one."""

    def __init__(self, family: Family, source: Source, last: Found | None) -> None:
        self.child: Child = family.fork("reload", lambda line: _read(line, source, last))

    @property
    def line(self) -> Connection:
        return self.child.line

    def result(self) -> Found | Unread:
        """Waits for it."""
        try:
            found = self.line.recv()
        except EOFError:
            return Unread(f"reading the files ended with {self.child.ended()}")
        self.child.ended()
        return found if isinstance(found, Found | Unread) else Unread("reading the files failed")

    def stop(self) -> None:
        self.child.process.terminate()
        self.child.ended()


def read_apart(source: Source) -> Found:
    """Everything for the first time. Raises FilesError where it cannot be used."""
    found = Reading(Family(), source, None).result()
    if isinstance(found, Unread):
        raise FilesError(found.said)
    return found


def _read(line: Connection, source: Source, last: Found | None) -> None:
    Thread(target=_end_with, args=(line,), daemon=True).start()
    try:
        line.send(source.read(last))
    except TOLD as error:
        line.send(Unread(str(error)))
    except Exception as error:
        # Its message may hold text.
        line.send(Unread(f"{type(error).__name__} in {place(error)}"))


def _end_with(line: Connection) -> None:
    """Nobody reads what a build says once the gateway is gone."""
    with suppress(OSError, EOFError):
        line.poll(None)
        line.recv()
    os._exit(1)


class Watch:
    """Knows when to read again."""

    def __init__(self, sight: Sight, now: Callable[[], float] = time.monotonic) -> None:
        self._tried = self._last = sight
        self._now = now
        self._next = now()

    def took(self, sight: Sight) -> None:
        """What was read looked like this."""
        self._tried = self._last = sight

    def wait_s(self) -> float:
        return max(0.0, self._next - self._now())

    def due(self, watch_s: float) -> bool:
        """Look, if it is time to. True when something was changed, and is not being changed."""
        began = self._now()
        if began < self._next:
            return False
        sight = self._tried.again()
        still, changed = sight == self._last, sight != self._tried
        self._last = sight
        if changed and still:
            self._tried = sight
        pause = watch_s if still or not changed else min(STILL_S, watch_s)
        self._next = self._now() + max(pause, SHARE * (self._now() - began))
        return changed and still
