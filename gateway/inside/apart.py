"""The files, read in a process of its own: forgotten texts never stand in the engine's.

Rule: the process is begun anew, not forked: the engine's has threads. It hands on what workers are handed.
"""

import os
import pickle
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

from gateway.place import place
from gateway.workers.reload import Unread
from gateway.workers.source import TOLD, FilesError, Found, Source


@dataclass(frozen=True, slots=True)
class Apart:
    """`command` begins a process that calls `read_for` with the number that it is given last."""

    command: Sequence[str]

    def read(self, last: Found | None) -> Found | Unread:
        """Waits for it."""
        ours, theirs = os.pipe()
        with Connection(ours, writable=False) as line:
            command = [*self.command, str(theirs)]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=(theirs,))
            os.close(theirs)
            assert process.stdin is not None
            with suppress(BrokenPipeError), process.stdin as told:
                pickle.dump(last, told)
            try:
                found = line.recv()
            except EOFError:
                found = Unread(f"reading the files ended with status {process.wait()}")
            process.wait()
        return found if isinstance(found, Found | Unread) else Unread("reading the files failed")

    def first(self) -> Found:
        found = self.read(None)
        if isinstance(found, Unread):
            raise FilesError(found.said)
        return found


def read_for(number: int, source: Callable[[], Source], last: Found | None) -> None:
    """There: read, and say what was found."""
    with Connection(number, readable=False) as line:
        try:
            line.send(source().read(last))
        except TOLD as error:
            line.send(Unread(str(error)))
        except Exception as error:
            # Its message may hold text.
            line.send(Unread(f"{type(error).__name__} in {place(error)}"))
