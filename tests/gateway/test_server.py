"""`serve` says where it listens, ends when it is told to, and tells what is wrong before anything runs."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from gateway.audit_verify import verify
from gateway.config import Config
from gateway.server import bind, serve
from index.build import build
from index.snapshot import Snapshot
from tests.gateway.canned import DONE, Canned, said, stream
from tests.gateway.running import HOST, KEY, config_for, policy_of

ROOT = Path(__file__).resolve().parents[2]
SERVE = """
import sys
from pathlib import Path
from gateway.server import serve
from index.snapshot import Snapshot
from tests.gateway.running import CRANE, KEY, config_for, policy_of
folder = Path(sys.argv[2])
serve(
    config_for(sys.argv[1], folder / "audit.jsonl"),
    policy=policy_of(CRANE),
    snapshot=Snapshot.load(folder / "snapshot", KEY),
    judge=None,
    on_ready=lambda base_url: print(base_url, flush=True),
)
"""


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_ends_when_told_to(
    told: signal.Signals, canned: Canned, tmp_path: Path
) -> None:
    from tests.gateway.running import CRANE

    build(policy_of(CRANE), tmp_path / "snapshot", KEY)
    canned.play(stream(*said(["Yes."]), DONE))
    command = [sys.executable, "-c", SERVE, canned.base_url, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        assert base_url.endswith("/v1")
        body = {"model": "demo", "stream": True, "messages": [{"role": "user", "content": "Hello!"}]}
        asked = urllib.request.Request(
            f"{base_url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=10) as response:
            assert b"Yes." in response.read()
        process.send_signal(told)
        began = time.monotonic()
        assert process.wait(15) in (0, -told)
        assert time.monotonic() - began < 10
    assert verify(tmp_path / "audit.jsonl").lines == 1


def served(config: Config, folder: Path) -> None:
    build(policy_of(), folder / "snapshot", KEY)
    serve(config, policy=policy_of(), snapshot=Snapshot.load(folder / "snapshot", KEY), judge=None)


def test_a_port_in_use_is_told_at_once(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        config = config_for(
            "http://127.0.0.1:1/v1", tmp_path / "audit.jsonl", listen={"host": HOST, "port": port}
        )
        with pytest.raises(OSError, match=f"cannot listen on {HOST}:{port}"):
            served(config, tmp_path)
    assert not (tmp_path / "audit.jsonl").exists()


def test_a_host_that_is_none_is_told() -> None:
    with pytest.raises(OSError, match="no-such-host"):
        bind("no-such-host.invalid", 0)
