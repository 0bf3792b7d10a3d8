"""A process of its own for one kind of work, begun when it is needed: both ends of the line to it.

Rules: it serves nobody but the process that began it, and ends with it, however that ends. What breaks in it,
or takes too long, is an error of that one job: the next one gets a new process. What it cannot do it tells
without a word of the text.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from gateway.place import place

# Not forked: this process has threads.
SPAWN = multiprocessing.get_context("spawn")


class HelperError(RuntimeError):
    """Says what broke, and never a text."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An error that is not the text's: its name and its place."""

    what: str


def broken(error: Exception) -> Broken:
    return Broken(f"{type(error).__name__} in {place(error)}")


class Helper:
    """`work` is called there with the line and with `start`. Used by one thread."""

    def __init__(
        self, name: str, work: Callable[[Connection, Any], None], start: object, timeout_s: float
    ) -> None:
        self._name, self._work, self._start, self._timeout_s = name, work, start, timeout_s
        self._process: SpawnProcess | None = None
        self._line: Connection | None = None

    def done(self, job: object) -> Any:
        """What it says to the job. Raises HelperError."""
        try:
            line = self._line or self._begin()
            line.send(job)
            if not line.poll(self._timeout_s):
                raise HelperError(f"took longer than {self._timeout_s:g} s")
            done = line.recv()
            if isinstance(done, Broken):
                raise HelperError(done.what)
        except (EOFError, OSError) as error:
            self.end()
            raise HelperError(str(error) or "it ended") from None
        except HelperError:
            self.end()
            raise
        return done

    def _begin(self) -> Connection:
        line, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(
            target=self._work, args=(theirs, self._start), name=self._name, daemon=True
        )
        self._process.start()
        theirs.close()
        self._line = line
        return line

    def end(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        self._line = self._process = None


def serve(line: Connection, begin: Callable[[], Callable[[Any], object]]) -> None:
    """There: every job is done in turn, until the line ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):
        job = line.recv()
        try:
            done = begin()
        except Exception as error:
            line.send(broken(error))
            return
        while True:
            line.send(done(job))
            job = line.recv()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
