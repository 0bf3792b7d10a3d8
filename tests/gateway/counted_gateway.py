"""A gateway in a process of its own, and what it holds: memory, descriptors, threads, connections, tasks.

Run as a program it serves in one process and says, for every line of its input, how many tasks run. With
`leaks` it loses a task, a descriptor and some memory at every request, so that the counting can be tested;
with `patient` it waits for slow model servers and clients.
"""

import asyncio
import gc
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from gateway.server import Server, bind, settings
from tests.gateway.running import CRANE, HOST, config_for, policy_of, protection_of

ROOT = Path(__file__).resolve().parents[2]
LIMITS = {"drain_s": 0, "reader_s": 0.5}
# Small, so that what a slow reader leaves unread comes back to the gateway soon.
SENT_AHEAD = 4096


@dataclass(frozen=True, slots=True)
class Held:
    """`waiting`: connections to the model server; they are no descriptors here."""

    tasks: int
    threads: int
    descriptors: int
    waiting: int
    memory_mb: float


@dataclass(frozen=True, slots=True)
class CountedGateway:
    port: int
    model_port: int
    process: "subprocess.Popen[str]"

    def held(self) -> Held:
        """After it has freed what it can."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(file=self.process.stdin, flush=True)
        tasks = int(self.process.stdout.readline())
        seen = psutil.Process(self.process.pid)
        waiting = sum(
            one.raddr[1] == self.model_port for one in seen.net_connections("tcp") if len(one.raddr) == 2
        )
        memory = seen.memory_info().rss / 2**20
        return Held(tasks, seen.num_threads(), seen.num_fds() - waiting, waiting, memory)


@contextmanager
def counted_gateway(model: str, folder: Path, *how: str) -> Iterator[CountedGateway]:
    command = [sys.executable, "-m", __spec__.name, model, str(folder), *how]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            yield CountedGateway(port, int(model.split(":")[2].partition("/")[0]), process)
        finally:
            process.kill()


class _Leaky:
    """An ASGI application that loses something at every request."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lost: list[object] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            waiting = asyncio.ensure_future(asyncio.Event().wait())
            self._lost += [waiting, os.open(os.devnull, os.O_RDONLY), bytearray(20_000)]
        await self._app(scope, receive, send)


class _Counted(Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        assert sockets is not None
        print(sockets[0].getsockname()[1], flush=True)
        loop = asyncio.get_running_loop()
        threading.Thread(target=_tell_tasks, args=(loop,), daemon=True).start()


def _tell_tasks(loop: asyncio.AbstractEventLoop) -> None:
    for _ in sys.stdin:
        gc.collect()
        print(asyncio.run_coroutine_threadsafe(_tasks(), loop).result(), flush=True)


async def _tasks() -> int:
    return len(asyncio.all_tasks())


def _main(model: str, folder: Path, leaks: bool, patient: bool) -> None:
    protection = protection_of(policy_of(CRANE), folder / "snapshot")
    config = config_for(model, folder / "audit.jsonl", limits=LIMITS | ({"reader_s": 60} if patient else {}))
    config = config.model_copy(
        update={"upstream": config.upstream.model_copy(update={"idle_timeout_s": 120.0 if patient else 0.5})}
    )
    served = settings(config, protection)
    if leaks:
        served.app = _Leaky(served.app)
    with bind(HOST, 0) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_AHEAD)
        _Counted(served).run(sockets=[listener])


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]), "leaks" in sys.argv, "patient" in sys.argv)
