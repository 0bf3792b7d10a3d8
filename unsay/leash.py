"""Holds one command on a leash: when the holder of our input is gone, so is all that the command started.

Run as a script, with nothing but the standard library: `python leash.py GRACE_S COMMAND...`. A parent that is
killed cannot clean up, so this process, in a session of its own, does: it ends the command's whole process
group as soon as its input closes, its parent changes or it is told to end.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time

POLL_S = 0.1
PR_SET_PDEATHSIG = 1


def main(grace_s: float, command: list[str]) -> int:
    parent = os.getppid()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=_die_with_the_leash if sys.platform == "linux" else None,
    )
    try:
        while child.poll() is None and os.getppid() == parent and not _let_go():
            pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        status = child.poll()
        _end_group(child, grace_s)
    return 0 if status is None else status % 256


def _let_go() -> bool:
    """Wait a moment for the end of our input."""
    readable, _, _ = select.select([0], [], [], POLL_S)
    return bool(readable) and os.read(0, 1) == b""


def _end_group(child: subprocess.Popen[bytes], grace_s: float) -> None:
    """Ask the group to end, then make it; also when its first process has ended and left others behind."""
    deadline = time.monotonic() + grace_s
    _signal_group(child.pid, signal.SIGTERM)
    while _has_members(child) and time.monotonic() < deadline:
        time.sleep(POLL_S / 2)
    _signal_group(child.pid, signal.SIGKILL)
    child.wait()


def _has_members(child: subprocess.Popen[bytes]) -> bool:
    child.poll()  # a process that ended but was not waited for still counts as a member
    return _signal_group(child.pid, 0)


def _signal_group(group: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
        return True
    return False


def _die_with_the_leash() -> None:
    """For the case that the leash itself is killed: it has one thread, so its death is the only trigger."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
