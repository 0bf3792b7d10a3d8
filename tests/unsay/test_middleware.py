"""What an engine loads takes its settings from the file that is named, and no server starts without."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from gateway.server import bind
from tests.gateway.inside.engine_app import Told, engine
from tests.gateway.running import HOST, NOTICE, Running
from tests.gateway.served import ENTRY, policy_text, until
from unsay.middleware import Unsay
from unsay.middleware_files import VARIABLE

SETTINGS = {"models": {"demo": "demo"}, "reload": {"watch_s": 0.1}, "memory": None}


def write(folder: Path, *entries: Any, **settings: Any) -> Path:
    (folder / "policy.yaml").write_text(policy_text(*entries))
    (folder / "unsay.yaml").write_text(json.dumps(SETTINGS | settings))
    return folder / "unsay.yaml"


@contextmanager
def loaded(folder: Path, told: Told) -> Iterator[tuple[Running, uvicorn.Server]]:
    """As vLLM loads it."""
    app = engine(told)
    app.add_middleware(Unsay)
    with bind(HOST, 0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=run, args=(server, listener))
        thread.start()
        try:
            until(lambda: server.started or not thread.is_alive())
            yield Running(listener.getsockname()[1], folder / "audit.jsonl"), server
        finally:
            server.should_exit = True
            thread.join(120)


def run(server: uvicorn.Server, listener: socket.socket) -> None:
    # A server that cannot start ends its process.
    with suppress(SystemExit):
        server.run([listener])


def withheld(gateway: Running, asked: str) -> bool:
    return bool(gateway.chat(asked).json["choices"][0]["message"]["content"] == NOTICE)


def test_it_serves_by_the_file_that_is_named_and_follows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(write(tmp_path, ENTRY)))
    with loaded(tmp_path, Told()) as (gateway, _):
        assert withheld(gateway, "Where was Alden Crane born?")
        assert not withheld(gateway, "Where was Beryl Ostrander born?")
        write(tmp_path, ENTRY, {"id": "ostrander", "names": ["Beryl Ostrander"]})
        until(lambda: withheld(gateway, "Where was Beryl Ostrander born?"))
        (tmp_path / "policy.yaml").write_text("entries: [")
        until(lambda: gateway.ask("GET", "/readyz").json["reload"] == "failed")
        assert withheld(gateway, "Where was Beryl Ostrander born?")
    assert (tmp_path / "index.key").is_file()


@pytest.mark.parametrize("fault", ["no variable", "no file", "broken settings", "broken policy"])
def test_a_server_does_not_start_without_settings_that_can_be_used(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    path = write(tmp_path, ENTRY, **({"listen": {"port": "Alden"}} if fault == "broken settings" else {}))
    if fault == "broken policy":
        (tmp_path / "policy.yaml").write_text("entries: [")
    if fault != "no variable":
        monkeypatch.setenv(VARIABLE, str(tmp_path / "none.yaml" if fault == "no file" else path))
    with loaded(tmp_path, told := Told()) as (_, server):
        assert not server.started
    assert told.asked == []
