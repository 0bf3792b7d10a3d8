"""The real `unsay serve` as a child process on a free port, as a user would start it."""

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

UNSAY = str(Path(sys.executable).with_name("unsay"))
READY_S = 120
LISTENS = re.compile(r"Unsay listens on (http://\S+)")


@dataclass(frozen=True, slots=True)
class Gateway:
    base_url: str
    audit: Path


@contextmanager
def gateway(*arguments: str, state: Path) -> Iterator[Gateway]:
    """Serve with these arguments until the block ends; the process must then end by itself."""
    command = [UNSAY, "serve", "--port", "0", "--state", str(state), *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield Gateway(_ready(process), state / "audit.jsonl")
        finally:
            process.terminate()
            status = process.wait(timeout=30)
    assert status in (0, -15), f"expected a clean end, got status {status}"


def _ready(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        if select.select([process.stdout], [], [], 0.5)[0] and (
            found := LISTENS.search(process.stdout.readline())
        ):
            return found[1]
    raise AssertionError(f"the gateway did not start within {READY_S} s (status {process.poll()})")
