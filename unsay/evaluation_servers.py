"""The processes of `unsay evaluate --demo`: a model that helps attackers or the demo's, and Unsay in front.

The rule: each is held on a leash, so that none outlives the command, and each is used only once it has said
where it listens.
"""

import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

from evaluation.target import WorldPart
from unsay import leash
from unsay.engine import start_engine
from unsay.launch import EngineKind, EngineSpec

READY_S: Final = 1_800.0
GRACE_S: Final = "10"
ACCOMPLICE: Final = "accomplice"
_MOST_WORKERS: Final = 8
_PATIENCE_S: Final = 100.0
_LISTENS: Final = re.compile(r"listen(?:s|ing) on (http://\S+)\s")


class ServerError(RuntimeError):
    """A server of the demo did not start; the message says where its log is."""


@contextmanager
def model_server(engine: str, world: WorldPart, folder: Path) -> Iterator[str]:
    """The base URL of the model without Unsay."""
    if engine == ACCOMPLICE:
        named = str(world.seed) if world.people is None else f"{world.seed}:{world.people}:{world.retained}"
        command = (sys.executable, "-P", "-m", "evaluation.accomplice", "--port", "0", "--world", named)
        with _started(command, os.environ, folder / "accomplice.log") as base_url:
            yield base_url
        return
    kinds = [kind for kind in EngineKind if kind == engine]
    if not kinds:
        known = ", ".join((ACCOMPLICE, *EngineKind))
        raise ServerError(f"--engine: expected one of {known}, found {engine!r}")
    # It brings all of the gateway, which nothing else here needs.
    from unsay.serving import PUBLIC_MODEL, demo_model

    spec = EngineSpec(kinds[0], str(demo_model()), folder / "engine", name=PUBLIC_MODEL)
    with start_engine(spec) as running:
        yield running.base_url


@contextmanager
def gateway(
    upstream: str,
    policy: Path,
    folder: Path,
    remembers: bool = True,
    settings: Mapping[str, object] = MappingProxyType({}),
) -> Iterator[str]:
    """The base URL of Unsay in front of the upstream, with this policy, these other settings and no keys.

    Without keys all tries share one budget of near-hits: it never runs out, so that each meets what a first
    one meets. A machine that is slow under a run's load is no defence, so that all waits are long.
    """
    config = {
        "listen": {"port": 0, "workers": _workers()},
        "limits": {"near_hits": 1e12, "queue_s": _PATIENCE_S, "judge_s": _PATIENCE_S},
        "upstream": {"base_url": upstream, "connect_timeout_s": _PATIENCE_S},
        "policy": str(policy.resolve()),
        "snapshot": str((policy.parent / "snapshot").resolve()),
        "audit": {"path": str(audit_log(folder).resolve())},
        **({} if remembers else {"memory": None}),
        **settings,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "unsay.yaml"
    path.write_text(json.dumps(config))  # JSON is YAML too
    unsay = (sys.executable, "-P", "-c", "from unsay.main import main; main()")
    command = (*unsay, "serve", "--config", str(path.resolve()), "--state", str(folder.resolve()))
    with _started(command, os.environ, folder / "gateway.log") as base_url:
        yield base_url


def audit_log(folder: Path) -> Path:
    """Of the gateway that was started in this folder."""
    return folder / "audit.jsonl"


def _workers() -> int:
    """One for each core that may be used, which the model and the attackers share with them."""
    return min(os.cpu_count() or 1, _MOST_WORKERS)


@contextmanager
def _started(command: tuple[str, ...], environment: Mapping[str, str], log: Path) -> Iterator[str]:
    log.parent.mkdir(parents=True, exist_ok=True)
    held = (sys.executable, "-I", "-S", leash.__file__, GRACE_S, *command)
    with log.open("wb") as remarks:
        process = subprocess.Popen(
            held,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=remarks,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
    try:
        yield _address(process, log)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait()
        process.stdout.close()


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Where it listens, once it says so; compiling a large policy takes minutes."""
    assert process.stdout is not None
    said = b""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if select.select([process.stdout], [], [], 0.5)[0]:
            piece = os.read(process.stdout.fileno(), 4096)
            said += piece
            if found := _LISTENS.search(said.decode("utf-8", "replace")):
                return found[1]
            if not piece:
                break
    raise ServerError(f"expected a server that listens, found none (status {process.poll()}). Its log: {log}")
