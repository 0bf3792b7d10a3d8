"""A process forked from this one, with a line between the two.

Rule: only the two hold the ends of their line, so that each hears when the other is gone, however it ended.
Forked, because what was loaded before is then shared and not loaded again.
"""

import gc
import logging
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess

from gateway.place import place

log = logging.getLogger("unsay")

FORK = multiprocessing.get_context("fork")
HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Work = Callable[[Connection], None]


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    process: ForkProcess
    line: Connection

    @property
    def pid(self) -> int:
        return self.process.pid or 0

    def ended(self) -> str:
        """Wait for its end; how it ended, in words."""
        self.process.join()
        self.line.close()
        code = self.process.exitcode or 0
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"


class Family:
    """The children of this process. It must have no threads: a fork copies the caller's alone."""

    def __init__(self) -> None:
        self._lines: set[Connection] = set()

    def fork(self, name: str, work: Work) -> Child:
        """Start the work with the child's end of a new line."""
        self._lines = {line for line in self._lines if not line.closed}
        ours, theirs = multiprocessing.Pipe()
        self._lines.add(ours)
        # What lives now is copied on write: a collection in the child must not touch it.
        gc.collect()
        gc.freeze()
        process = FORK.Process(name=name, target=self._begin, args=(theirs, work))
        with _held_back():
            process.start()
        theirs.close()
        return Child(process, ours)

    def _begin(self, line: Connection, work: Work) -> None:
        for other in self._lines:
            other.close()
        _forget_signals()
        try:
            work(line)
        except Exception as error:
            # Neither the message nor the trace of an unknown error is told: both may hold text.
            log.error(
                "%s: %s in %s", multiprocessing.current_process().name, type(error).__name__, place(error)
            )
            sys.exit(1)


@contextmanager
def _held_back() -> Iterator[None]:
    """No signal arrives between the fork and the moment when the child has handlers of its own."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _forget_signals() -> None:
    """A terminal's Ctrl-C and its end are the parent's affair; it tells its children what to do."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
