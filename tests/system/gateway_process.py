"""The real `unsay` command as child processes, as a user would start it."""

import json
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
from secrets import token_hex

UNSAY = str(Path(sys.executable).with_name("unsay"))
READY_S = 600
LISTENS = re.compile(r"Unsay listens on (http://\S+)\s")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A snapshot and the environment with its key."""

    snapshot: Path
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class Gateway:
    base_url: str
    audit: Path


def compile_policy(policy: Path, folder: Path) -> Compiled:
    """Build a snapshot below the folder, under a key of its own."""
    environment = {**os.environ, "UNSAY_INDEX_KEY": token_hex(32), "PYTHONUNBUFFERED": "1"}
    compiled = Compiled(folder / "snapshot", environment)
    command = [UNSAY, "index", "build", str(policy), "--out", str(compiled.snapshot)]
    subprocess.run(command, env=environment, check=True, timeout=900)
    return compiled


@contextmanager
def gateway(upstream: str, policy: Path, compiled: Compiled, folder: Path) -> Iterator[Gateway]:
    """Serve on a free port until the block ends; the process must then end by itself."""
    config = {
        "listen": {"port": 0},
        "upstream": {"base_url": upstream},
        "policy": str(policy),
        "snapshot": str(compiled.snapshot),
        "audit": {"path": "audit.jsonl"},
    }
    path = folder / "unsay.yaml"
    path.write_text(json.dumps(config))  # JSON is YAML too
    command = [UNSAY, "serve", "--config", str(path), "--state", str(folder / "state")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=compiled.environment) as process:
        try:
            yield Gateway(ready(process), folder / "audit.jsonl")
        finally:
            process.terminate()
            status = process.wait(timeout=120)
    assert status in (0, -15), f"expected a clean end, got status {status}"


def ready(process: "subprocess.Popen[bytes]") -> str:
    """The base URL, once the process says that it listens."""
    assert process.stdout is not None
    said = ""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        if select.select([process.stdout], [], [], 0.5)[0]:
            said += os.read(process.stdout.fileno(), 4096).decode()
        if found := LISTENS.search(said):
            return found[1]
    raise AssertionError(f"the gateway did not start within {READY_S} s (status {process.poll()})")
