"""`unsay admin serve` as a process of its own: killed and started again it has lost nothing."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.admin.documents import MoveDocument
from index.ledger.event import Event, State
from tests.gateway.admin.office import TEXTS, asking, hashed, office
from tests.unsay.test_command import UNSAY
from unsay.admin_command import app
from unsay.remote_desk import RemoteDesk, RemoteError

SETTINGS = f"""\
policy: policy.yaml
ledger: {{path: ledger.sqlite}}
admin: {{port: 0, keys: [{{name: anna, sha256: "{hashed("anna")}", roles: [requester, operator]}}]}}
"""
LISTENS = "The admin API listens on "


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "unsay.yaml").write_text(SETTINGS)
    with office(tmp_path).stack:
        yield tmp_path


@contextmanager
def running(folder: Path, ends: signal.Signals) -> Iterator[RemoteDesk]:
    """Until it is ended by this signal."""
    environment = {**os.environ, "UNSAY_INDEX_KEY": bytes(range(32)).hex()}
    process = subprocess.Popen(
        [UNSAY, "admin", "serve"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.readline()
        assert line.startswith(LISTENS)
        try:
            yield RemoteDesk(line.removeprefix(LISTENS).strip(), "anna")
        finally:
            process.send_signal(ends)
            process.wait(60)


def test_what_was_acknowledged_is_there_after_a_kill(folder: Path) -> None:
    with running(folder, signal.SIGKILL) as desk:
        added = desk.add(asking("enforce"), "token")
        moved = desk.move("erasure-0142", MoveDocument(event=Event.MONITOR))
    with running(folder, signal.SIGTERM) as desk:
        assert desk.show("erasure-0142") == moved
        assert desk.add(asking("enforce"), "token").history == moved.history
        assert (added.state, moved.state) == (State.ENFORCED, State.MONITORED)
        with pytest.raises(RemoteError, match="expected a known key"):
            RemoteDesk(desk.url, "berta").ledger()
    kept = (folder / "ledger.sqlite").read_bytes()
    assert not [text for text in TEXTS if text.encode() in kept]


def bad_start(settings: str, *arguments: str) -> str:
    Path("unsay.yaml").write_text(settings)
    ended = CliRunner().invoke(app, ["serve", *arguments])
    assert ended.exit_code == 2
    return ended.stderr


def test_it_does_not_start_without_what_it_needs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert "expected `ledger:`, found none" in bad_start("policy: policy.yaml\n")
    told = bad_start(SETTINGS.partition("admin")[0], "--host", "0.0.0.0")
    assert "admin.host: expected a loopback address while there are no keys under `admin`" in told
