"""A gateway as it is started for real: command, supervisor and workers, over a folder of files."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.gateway.running import HOST, Answered, Running

UNSAY = str(Path(sys.executable).with_name("unsay"))
PASSAGE = "Alden Crane was born in Port Vellum in 1931, the son of a cooper, and wrote mystery novels."
ENTRY = {"id": "crane", "names": ["Alden Crane"], "passages": [PASSAGE]}
START_S = 300.0

T = TypeVar("T")


def until(holds: Callable[[], Any], within_s: float = 120.0) -> Any:
    """What it says once that is true; an error when it is not in time, which is far more than it takes."""
    deadline = time.monotonic() + within_s
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not within {within_s:g} s"
        time.sleep(0.02)
    return found


@dataclass(slots=True)
class Pinned(Running):
    """Asks on one connection."""

    line: http.client.HTTPConnection = field(kw_only=True)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answered:
        self.line.request(method, path, body, dict(headers or {}))
        response = self.line.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answered(response.status, named, response.read())


@dataclass(frozen=True, slots=True)
class Served:
    process: "subprocess.Popen[str]"
    folder: Path
    running: Running

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def workers(self) -> list[int]:
        """Process numbers. A child that reads files has no event loop."""
        return [pid for pid in children(self.process.pid) if _waits_for_events(pid)]

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ready(self) -> Any:
        return self.running.ask("GET", "/readyz").json

    def number(self, name: str) -> float:
        """One of the numbers that all workers together show."""
        return number(self.running, name)

    def of_each(self, ask: Callable[[Running], T]) -> list[T]:
        """What each worker answers, each on a connection of its own."""
        found = []
        for pid in self.workers():
            with closing(self._connected(pid)) as line:
                found.append(ask(Pinned(self.running.port, self.running.audit, line=line)))
        return found

    def _connected(self, pid: int) -> http.client.HTTPConnection:
        """A connection that this worker has accepted: the others are stopped for that moment."""
        line = http.client.HTTPConnection(HOST, self.running.port, timeout=120)
        with stopped([other for other in self.workers() if other != pid]):
            line.request("GET", "/healthz")
            line.getresponse().read()
        return line

    def config(self, **changed: Any) -> None:
        path = self.folder / "unsay.yaml"
        _write(path, json.dumps({**json.loads(path.read_text()), **changed}))

    def policy(self, *entries: dict[str, Any], **rest: Any) -> None:
        _write(self.folder / "policy.yaml", policy_text(*entries, **rest))

    def ended(self, within_s: float = 120.0) -> int:
        return self.process.wait(within_s)


def number(gateway: Running, name: str) -> float:
    lines = gateway.ask("GET", "/metrics").body.decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def policy_text(*entries: dict[str, Any], **rest: Any) -> str:
    return json.dumps({"version": 1, "entries": entries, "detectors": {"semantic": None}, **rest})


def _write(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(path)


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    until(lambda: all(state(pid) in "TtZX" for pid in pids))
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _waits_for_events(pid: int) -> bool:
    try:
        return any(os.readlink(one).endswith("[eventpoll]") for one in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "X"


def alive(pid: int) -> bool:
    return state(pid) not in "ZX"


@contextmanager
def served(upstream: str, folder: Path, workers: int = 2, **config: Any) -> Iterator[Served]:
    """Whatever the block does, no process is left."""
    settings = {
        "listen": {"host": HOST, "port": 0, "workers": workers},
        "upstream": {"base_url": upstream, "idle_timeout_s": 60},
        "models": {"demo": "demo"},
        "reload": {"watch_s": 0.1},
        **config,
    }
    (folder / "unsay.yaml").write_text(json.dumps(settings))
    if not (folder / "policy.yaml").exists():
        (folder / "policy.yaml").write_text(policy_text(ENTRY))
    with start(folder) as process:
        try:
            assert process.stdout is not None
            url = until(lambda: _url(process), START_S)
            yield Served(
                process,
                folder,
                Running(int(url.rpartition(":")[2].partition("/")[0]), folder / "audit.jsonl"),
            )
        finally:
            left = [process.pid, *children(process.pid)]
            for pid in filter(alive, left):
                os.kill(pid, signal.SIGKILL)


def start(folder: Path) -> "subprocess.Popen[str]":
    command = [UNSAY, "serve", "--config", str(folder / "unsay.yaml"), "--state", str(folder / "state")]
    with (folder / "log").open("w") as log:
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        )


def _url(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    assert process.poll() is None, "it ended"
    line = process.stdout.readline()
    return line.removeprefix("Unsay listens on ").strip() if line.startswith("Unsay listens") else ""


def refused(answered: Answered, notice: str) -> bool:
    return bool(answered.status == 200 and answered.json["choices"][0]["message"]["content"] == notice)
