"""An engine as a child process: started, waited for, and ended with everything it started.

The rule: whatever happens to us (an exception, SIGTERM, SIGKILL), no process of the engine outlives us. A
small process, `leash.py`, sees to it, because a killed process cannot.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from unsay import leash
from unsay.launch import HOST, EngineError, EngineSpec, Launch, launch

POLL_S = 0.1
TAIL_LINES = 15


class Engine:
    """A running engine. In a `with` statement it is ready on entry and gone on exit."""

    def __init__(self, spec: EngineSpec, port: int, command: Launch) -> None:
        self.spec = spec
        self.port = port
        self._command = command
        self._process = _spawn(command, spec)

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}/v1"

    @property
    def model(self) -> str:
        """What a request to this engine must name."""
        return self._command.model

    @property
    def process_id(self) -> int:
        """Of the process above all others of the engine."""
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def wait_ready(self) -> None:
        """Return when the engine answers; stop it and raise EngineError when it ends or the time is up."""
        deadline = time.monotonic() + self.spec.start_timeout_s
        while not healthy(self.port):
            if not self.running():
                raise EngineError(self._message(f"it ended with status {self._process.returncode}"))
            if time.monotonic() > deadline:
                self.stop()
                raise EngineError(self._message(f"no answer within {self.spec.start_timeout_s:g} s"))
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Let go of the leash and wait until every process of the engine has ended."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(self.spec.stop_timeout_s + 5)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Self:
        try:
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _message(self, found: str) -> str:
        return (
            f"engine {self.spec.kind}: expected it to answer at {self.base_url}, but {found}. "
            f"Its log is {self.spec.log}; the last lines:\n{_tail(self.spec.log)}"
        )


def start_engine(spec: EngineSpec, environment: Mapping[str, str] = os.environ) -> Engine:
    """Start the process and return at once; enter the engine, or call `wait_ready`, to wait for it."""
    spec.folder.mkdir(parents=True, exist_ok=True)
    port = spec.port or free_port()
    return Engine(spec, port, launch(spec, port, environment))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _spawn(command: Launch, spec: EngineSpec) -> subprocess.Popen[bytes]:
    held = (sys.executable, "-I", "-S", leash.__file__, str(spec.stop_timeout_s), *command.command)
    spec.log.write_bytes(b"")
    with spec.log.open("ab") as log:  # two engines with one log then do not overwrite each other
        return subprocess.Popen(
            held,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=command.cwd,
            env=dict(command.environment),
            start_new_session=True,
        )


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:])
