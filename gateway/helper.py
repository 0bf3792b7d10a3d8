"""A process of its own for one kind of work, begun when it is needed: both ends of the line to it.

Rules: it serves nobody but the process that began it, and ends with it, however that ends. What breaks in it,
or takes too long, is an error of that one job: the next one gets a new process. What it cannot do it tells
without a word of the text. It is begun anew, since this process has threads, and loads what its work needs
and not what this process began with, which may be an engine.
"""

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from gateway.place import place

# There, modules are looked for where they were found here.
BEGIN = "import json, sys; sys.path[:] = json.loads(sys.argv[2]); from gateway.helper import begun; begun()"


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
        self._process: subprocess.Popen[bytes] | None = None
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
        line, theirs = Pipe()
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-P", "-c", BEGIN, str(number), json.dumps(sys.path), self._name]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=(number,))
        self._line = line
        line.send((self._work, self._start))
        return line

    def end(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._line = self._process = None


def serve(line: Connection, begin: Callable[[], Callable[[Any], object]]) -> None:
    """There: every job is done in turn, until the line ends."""
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


def begun() -> None:
    """There: what to do is said first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = Connection(int(sys.argv[1]))
    threading.Thread(target=_end_with, args=(line.fileno(),), daemon=True).start()
    with suppress(EOFError, OSError):
        work, start = line.recv()
        work(line, start)


def _end_with(line: int) -> None:
    """The other end is closed by the one who holds it, or by its death; whatever is done here then ends."""
    closed = select.poll()
    closed.register(line, 0)
    closed.poll()
    os._exit(1)
