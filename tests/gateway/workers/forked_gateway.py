"""A gateway in a process of its own, forked from one that has loaded everything: it starts in no time.

Run as a program it says, for every line that it reads, the port and the process of a new gateway. All write
one audit log, one after the other.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.config import Config
from gateway.protection import Protection
from gateway.server import Server, bind, settings
from index.build import build
from index.snapshot import Snapshot
from tests.gateway.running import CRANE, HOST, KEY, config_for, policy_of

ROOT = Path(__file__).resolve().parents[3]


class ForkedGateway:
    """The program, from outside. What the gateways log stands in `said`."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self.audit, self.said = folder / "audit.jsonl", folder / "stderr.txt"
        build(policy_of(CRANE), folder / "snapshot", KEY)
        command = [sys.executable, "-m", __spec__.name, str(folder), base_url]
        with self.said.open("wb") as said:
            self._program = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
            )

    def start(self) -> tuple[int, int]:
        """Port and process of the next gateway. The one before is dead then."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        print("start", file=self._program.stdin, flush=True)
        port, process = map(int, self._program.stdout.readline().split())
        return port, process

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._program.communicate(timeout=60)


def main(folder: Path, base_url: str) -> None:
    config = config_for(base_url, folder / "audit.jsonl")
    protection = Protection(policy_of(CRANE), Snapshot.load(folder / "snapshot", KEY), None, 5.0)
    asyncio.run(protection.warm())
    child = 0
    for _ in sys.stdin:
        _end(child)
        with bind(HOST, 0) as listener:
            child = _fork(config, protection, listener)
            print(listener.getsockname()[1], child, flush=True)
    _end(child)


def _fork(config: Config, protection: Protection, listener: socket.socket) -> int:
    """Returns when the child serves, or is dead."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        try:
            Server(settings(config, protection), lambda: os.close(told)).run(sockets=[listener])
        finally:
            os._exit(1)
    os.close(told)
    os.read(heard, 1)
    os.close(heard)
    return child


def _end(child: int) -> None:
    if child:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
