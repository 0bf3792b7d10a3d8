"""Everything that runs during a measurement, and one measurement of one column.

Rule: the proxy has a core of its own, the model server and the clients share the other, and whatever else
was started is stopped meanwhile.
"""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from benchmarks import cases
from benchmarks.cases import Case
from benchmarks.client import Order, Result
from benchmarks.columns import Kind, Proxy, proxy_of
from benchmarks.process import LOAD_CORE, PROXY_CORE, Failed, Process, free_port, process
from benchmarks.texts import FIRST

CONTENT = re.compile(r'"content":\s*("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True, slots=True)
class Place:
    """A running column; the model server alone has itself as proxy."""

    process: Process
    port: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What the model server says: a long or a brief whole answer; a stream with `times` pauses in it."""

    which: str = "long"
    pause_s: float = 0.0
    times: int = 0
    after: int = 1


@dataclass(frozen=True, slots=True)
class Measured:
    result: Result
    cpu_s: float
    memory_mb: float


class Bench:
    """Columns are started when they are first asked for, and checked: every word must come through."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._places: dict[Proxy, Place] = {}
        _write_texts(folder)
        self._client = self._start("client", [str(folder / "bodies.json")], LOAD_CORE)
        port = free_port()
        self._upstream = Place(self._start("upstream", [str(port), str(folder)], LOAD_CORE), port)
        self._upstream.process.wait_ready(port)

    def place(self, kind: Kind, case: Case) -> Place:
        if kind is Kind.UPSTREAM:
            return self._upstream
        proxy = proxy_of(kind, case)
        if proxy not in self._places:
            self._places[proxy] = self._begin(proxy, self._stack)
        return self._places[proxy]

    @contextmanager
    def alone(self, proxy: Proxy) -> Iterator[Place]:
        """A column that is started for the block and ended with it."""
        with ExitStack() as stack:
            yield self._begin(proxy, stack)

    def measure(self, place: Place, bodies: str, connections: int, seconds: float, **rest: Any) -> Measured:
        if place is self._upstream:
            return self._measured(place, Order(place.port, bodies, connections, seconds, **rest))
        with place.process.at_work():
            return self._measured(place, Order(place.port, bodies, connections, seconds, **rest))

    def answers(self, told: Answers) -> None:
        path = f"/say/answer-{told.which}/{told.pause_s}/{told.times}/{told.after}"
        with urlopen(f"http://127.0.0.1:{self._upstream.port}{path}") as answered:
            answered.read()

    def _measured(self, place: Place, order: Order) -> Measured:
        before = place.process.cpu_s()
        _tell(self._client, json.dumps(asdict(order)))
        assert self._client.started.stdout is not None
        told = json.loads(self._client.started.stdout.readline() or '{"error": "the client ended"}')
        if "error" in told:
            raise Failed(f"{place.process.name}, {order.bodies}: {told['error']}\n{place.process.said()}")
        return Measured(Result(**told), place.process.cpu_s() - before, place.process.memory_mb())

    def _start(self, module: str, arguments: list[str], core: int) -> Process:
        command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
        return self._stack.enter_context(process(module, command, core, self._folder / f"{module}.log"))

    def _begin(self, proxy: Proxy, stack: ExitStack) -> Place:
        port = free_port()
        command = proxy.command(self._folder, port, f"http://127.0.0.1:{self._upstream.port}")
        log = self._folder / f"{proxy.name}.log"
        started = process(proxy.name, command, PROXY_CORE, log, **proxy.environment())
        place = Place(stack.enter_context(started), port)
        place.process.wait_ready(port)
        place.process.rest()
        self._check(place)
        return place

    def _check(self, place: Place) -> None:
        self.answers(Answers())
        for bodies in ("short-whole", "short-stream"):
            heard = self.measure(place, bodies, 1, 0, keep=True).result.text
            said = "".join(json.loads(found) for found in CONTENT.findall(heard))
            if said != cases.text():
                raise Failed(
                    f"{place.process.name}, {bodies}: expected every word of the answer, got {said!r}"
                )


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        yield Bench(folder, stack)


def _tell(told: Process, line: str) -> None:
    assert told.started.stdin is not None
    told.started.stdin.write(line + "\n")
    told.started.stdin.flush()


def _write_texts(folder: Path) -> None:
    (folder / "events.sse").write_bytes(b"".join(cases.events()))
    (folder / "answer-long.json").write_bytes(cases.whole(cases.ANSWER_WORDS))
    (folder / "answer-brief.json").write_bytes(cases.whole(cases.BRIEF_WORDS))
    bodies = {
        f"{length}-{kind}": [body.decode() for body in cases.bodies(length == "long", kind == "stream")]
        for length in ("short", "long")
        for kind in ("whole", "stream")
    }
    (folder / "bodies.json").write_text(json.dumps({"first": FIRST, **bodies}))
