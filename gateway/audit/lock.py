"""The lock of the audit log: writers hold it for one commit, readers while they look where the log ends.

Rule: it is waited for, but not for ever: a process that was stopped in the middle must not stop the others.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager

WAIT_S = 5.0
_STEP_S = 0.0002


@contextmanager
def locked(file: int, shared: bool = False, wait_s: float | None = None) -> Iterator[None]:
    """TimeoutError when another process does not let go."""
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    wait_s = WAIT_S if wait_s is None else wait_s
    deadline = time.monotonic() + wait_s
    while not _taken(file, kind):
        if time.monotonic() >= deadline:
            raise TimeoutError(f"another process has held its lock for {wait_s:g} s")
        time.sleep(_STEP_S)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _taken(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
