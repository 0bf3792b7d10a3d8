"""What tracing costs a request: off, with a trace that is not told, and with every span sent.

Run it as `python -m benchmarks.tracing`. Columns are measured in turn, each in processor time of the gateway
for one answer, and beside them the lines that stay in a request's way when tracing is off.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from timeit import timeit

from benchmarks.bench import Answers, Bench, Place, bench
from benchmarks.cases import Forgotten
from benchmarks.columns import Kind, Proxy
from gateway.trace import Trace

ROUNDS, SECONDS, CONNECTIONS = 7, 3.0, 8
SHARES = {"off": None, "on, none told": 0.0, "on, all told": 1.0}


@dataclass(frozen=True, slots=True)
class Traced(Proxy):
    """`share` of the traces is told; None: tracing is off."""

    share: float | None = None

    @property
    def name(self) -> str:
        return f"tracing-{self.share}"

    def command(self, folder: Path, port: int, upstream: str) -> list[str]:
        command = Proxy.command(self, folder, port, upstream)
        settings = folder / self.name / "unsay.yaml"
        config = json.loads(settings.read_text())
        # The model server takes anything by POST, and so also spans.
        told = {"endpoint": f"{upstream}/v1/traces", "share": self.share}
        settings.write_text(json.dumps(config | ({} if self.share is None else {"tracing": told})))
        return command


def measured(place: Place, running: Bench) -> float:
    """Milliseconds of processor time for one answer."""
    found = running.measure(place, "short-whole", CONNECTIONS, SECONDS)
    return 1000 * found.cpu_s / found.result.answers


def rows(folder: Path) -> Iterator[str]:
    with bench(folder) as running:
        running.answers(Answers("brief"))
        proxies = {name: Traced(Kind.EXACT, Forgotten.LITTLE, share=share) for name, share in SHARES.items()}
        with (
            running.alone(proxies["off"]) as off,
            running.alone(proxies["on, none told"]) as none,
            running.alone(proxies["on, all told"]) as told,
        ):
            running.answers(Answers("brief"))
            places = dict(zip(SHARES, (off, none, told), strict=True))
            taken: dict[str, list[float]] = {name: [] for name in places}
            for _ in range(ROUNDS):
                for name, place in places.items():
                    taken[name].append(measured(place, running))
    for name, all_ms in taken.items():
        yield f"{name}: {median(all_ms):.3f} ms a request ({min(all_ms):.3f} to {max(all_ms):.3f})"


def off_us() -> float:
    """Microseconds that a request spends on a trace that nobody is told: one question to the model server."""
    times = 200_000

    def once() -> None:
        trace = Trace("req_", "chat")
        with trace.asking("chat") as call:
            assert not call.header

    def none() -> None:
        Trace("req_", "chat")

    return (timeit(once, number=times) - timeit(none, number=times)) / times * 1e6


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as told:
        for row in rows(Path(told)):
            print(row, flush=True)
    print(f"what is left when it is off: {off_us():.2f} us a request")
