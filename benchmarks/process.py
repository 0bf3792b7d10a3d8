"""A process that is measured: pinned to one core, its output in a file, all its children counted with it.

Rule: one that is not being measured is stopped, so that what it does in the background costs nobody anything.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
# The first start compiles the policy.
START_S = 900
PROXY_CORE, LOAD_CORE = (sorted(os.sched_getaffinity(0)) * 2)[:2]


class Failed(RuntimeError):
    """A measurement that did not work; says what was found."""


@dataclass(frozen=True, slots=True)
class Process:
    name: str
    started: "subprocess.Popen[str]"
    log: Path

    @property
    def pids(self) -> list[int]:
        children = psutil.Process(self.started.pid).children(recursive=True)
        return [self.started.pid, *(child.pid for child in children)]

    def cpu_s(self) -> float:
        """Of all its processes so far."""
        return cpu_s(self.pids)

    def memory_mb(self) -> float:
        """Its own pages, shared ones among its processes once, and the files that it has mapped."""
        own = sum(_kilobytes(pid, "smaps_rollup", "Pss_Anon") for pid in self.pids)
        files = max(_kilobytes(pid, "status", "RssFile") for pid in self.pids)
        return (own + files) / 1024

    def wait_ready(self, port: int) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.started.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.1)
        raise Failed(f"{self.name} did not start (status {self.started.poll()}):\n{self.said()}")

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """It runs in the block alone."""
        os.killpg(self.started.pid, signal.SIGCONT)
        try:
            yield
        finally:
            self.rest()

    def rest(self) -> None:
        os.killpg(self.started.pid, signal.SIGSTOP)


def cpu_s(pids: Iterable[int]) -> float:
    """Processor time of these processes so far."""
    # The number of another process's clock, as clock_getcpuclockid(3) makes it.
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids)


@contextmanager
def process(name: str, command: Sequence[str], core: int, log: Path, **environment: str) -> Iterator[Process]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment}
    with (
        log.open("w") as output,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if name == "client" else output,
            stderr=output,
            text=True,
            env=variables,
            cwd=ROOT,
            start_new_session=True,
        ) as started,
    ):
        # Whatever it starts from here on stays on its core too.
        os.sched_setaffinity(started.pid, {core})
        try:
            yield Process(name, started, log)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _kilobytes(pid: int, file: str, name: str) -> int:
    lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)
