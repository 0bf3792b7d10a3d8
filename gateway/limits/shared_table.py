"""A few numbers that all worker processes share, each with a lock of its own.

Rule: a number that more than one process writes is changed under its lock alone. The system takes the lock
back when the process that holds it ends, however it ends, and a number is eight aligned bytes, written in one
piece. Make it before forking.
"""

import fcntl
import mmap
import os
import sys
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

_BYTES = 8


class SharedTable:
    """`rows` numbers, 0.0 at first. One thread of each process may use it."""

    def __init__(self, rows: int) -> None:
        self._file = _unnamed()
        self._file.truncate(max(1, rows) * _BYTES)
        self._memory = mmap.mmap(self._file.fileno(), 0)
        self._numbers = memoryview(self._memory).cast("d")
        self.close = weakref.finalize(self, _close, self._numbers, self._memory, self._file)

    @contextmanager
    def locked(self, row: int) -> Iterator[None]:
        """Alone with this row among all processes. Do not wait for anything inside."""
        # Locks of this kind belong to a process, not to the open file that forked processes share.
        fcntl.lockf(self._file, fcntl.LOCK_EX, _BYTES, row * _BYTES)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, _BYTES, row * _BYTES)

    def __getitem__(self, row: int) -> float:
        return self._numbers[row]

    def __setitem__(self, row: int, number: float) -> None:
        self._numbers[row] = number


def _close(numbers: "memoryview[float]", memory: mmap.mmap, file: IO[bytes]) -> None:
    numbers.release()
    memory.close()
    file.close()


def _unnamed() -> IO[bytes]:
    """Nobody else opens it, and it is gone with the last process.

    In memory where the system can: to write to a file on a full disk in this way ends the process.
    """
    if sys.platform == "linux":
        return open(os.memfd_create("unsay"), "r+b")
    return tempfile.TemporaryFile()
