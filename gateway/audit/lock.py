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
def locked(file: int, shared: bool = False) -> Iterator[None]:
    """TimeoutError when another process does not let go."""
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    deadline = time.monotonic() + WAIT_S
    while not taken(file, kind):
        if time.monotonic() >= deadline:
            raise TimeoutError(f"another process has held its lock for {WAIT_S:g} s")
        time.sleep(_STEP_S)
    try:
        yield
    finally:
        leave(file)


def taken(file: int, kind: int = fcntl.LOCK_EX) -> bool:
    """Take it without waiting, if nobody holds it; then leave it."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def leave(file: int) -> None:
    fcntl.flock(file, fcntl.LOCK_UN)
