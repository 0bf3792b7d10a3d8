"""What the gateway adds to an engine: processor time for a chunk of a stream, and the time a client waits.

A canned engine says 440 words at once in a process of its own, the gateway runs in another, and a client here
reads the same stream from the one and from the other. Processor time is that of the gateway's process alone;
waiting depends on what else the machine does, so it is given with its spread.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.build import build

ROOT = Path(__file__).resolve().parents[1]
SENTENCE = "The lamp turns slowly and every tower has a rhythm of its own so ships know where they are ."
WORDS = SENTENCE.split() * 22
REQUESTS = 30
ASKED = {"model": "demo", "stream": True, "messages": [{"role": "user", "content": "What turns?"}]}
BODY = json.dumps(ASKED).encode()

ENGINE = """
import json, sys
from tests.gateway.canned import DONE, Canned, said, stream
words = json.loads(sys.argv[1])
with Canned(stream(b"".join([*said([f"{word} " for word in words]), DONE]))) as server:
    print(server.base_url, flush=True)
    sys.stdin.read()
"""

GATEWAY = """
import os, resource, sys, threading
from pathlib import Path
from gateway.server import serve
from index.snapshot import Snapshot
from tests.gateway.running import CRANE, KEY, config_for, policy_of

def report():
    for line in sys.stdin:
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(used.ru_utime + used.ru_stime, flush=True)
    os._exit(0)

folder = Path(sys.argv[2])
threading.Thread(target=report, daemon=True).start()
serve(
    config_for(sys.argv[1], folder / "audit.jsonl"),
    policy=policy_of(CRANE), snapshot=Snapshot.load(folder / "snapshot", KEY), judge=None,
    on_ready=lambda base_url: print(base_url, flush=True),
)
"""

Process = subprocess.Popen[str]


@contextmanager
def process(code: str, *arguments: str) -> Iterator[tuple[Process, str]]:
    """A process, and the base URL that it says."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as started:
        try:
            assert started.stdout is not None
            yield started, started.stdout.readline().strip()
        finally:
            started.kill()


def seconds_used(started: Process) -> float:
    assert started.stdin is not None
    assert started.stdout is not None
    started.stdin.write("\n")
    started.stdin.flush()
    return float(started.stdout.readline())


def waited(base_url: str) -> tuple[float, float]:
    """Milliseconds to the first byte of a stream and to its last, over a socket of its own."""
    port = int(base_url.split(":")[2].split("/")[0])
    head = ["POST /v1/chat/completions HTTP/1.1", "host: x", "content-type: application/json"]
    head += [f"content-length: {len(BODY)}", "", ""]
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall("\r\n".join(head).encode() + BODY)
        heard = line.recv(65536)
        first = time.perf_counter() - began
        while b"[DONE]" not in heard[-200:]:
            heard += line.recv(65536)
    return first * 1e3, (time.perf_counter() - began) * 1e3


def told(values: list[float]) -> str:
    low, middle, high = (statistics.quantiles(values, n=10)[place] for place in (0, 4, 8))
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from tests.gateway.running import CRANE, KEY, policy_of

    events = len(WORDS) + 3
    with tempfile.TemporaryDirectory() as folder, process(ENGINE, json.dumps(WORDS)) as (_, engine):
        build(policy_of(CRANE), Path(folder) / "snapshot", KEY)
        with process(GATEWAY, engine, folder) as (started, gateway):
            for base_url in (engine, gateway):
                waited(base_url)
            before = seconds_used(started)
            through = [waited(gateway) for _ in range(REQUESTS)]
            spent = (seconds_used(started) - before) / REQUESTS * 1e3
            bare = [waited(engine) for _ in range(REQUESTS)]
    print(f"a stream of {events} events, {REQUESTS} times; milliseconds, median (10 % to 90 %)")
    for name, times in (("engine alone", bare), ("through the gateway", through)):
        first, last = ([time[place] for time in times] for place in (0, 1))
        print(f"  {name}: first byte {told(first)}, all {told(last)}")
    print(f"  processor time of the gateway: {spent:.1f} a request, {spent / events * 1e3:.0f} µs an event")


if __name__ == "__main__":
    main()
