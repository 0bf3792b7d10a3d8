"""A gateway tells what is wrong before anything runs, and drains when it is told to end."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gateway.audit.verify import verify
from gateway.server import bind
from tests.gateway.canned import DONE, Canned, said, stream
from tests.gateway.running import HOST, Running
from tests.gateway.served import Served, served

SLOW = stream(*said(["a ", "b ", "c ", "d ", "e."]), DONE, pause_s=0.15)
ENDLESS = stream(*said(["a "] * 1000), DONE, pause_s=0.02)
ASKED = json.dumps({"model": "demo", "stream": True, "messages": [{"role": "user", "content": "Hello!"}]})


@contextmanager
def asked(gateway: Running) -> Iterator[socket.socket]:
    """A stream whose first words have come."""
    with closing(socket.create_connection((HOST, gateway.port), timeout=60)) as line:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: {len(ASKED)}\r\n"
        line.sendall(f"{head}Content-Type: application/json\r\n\r\n{ASKED}".encode())
        while b'"a "' not in line.recv(65536):
            pass
        yield line


def rest(line: socket.socket) -> bytes:
    """All until the other side closes."""
    heard = bytearray()
    while piece := line.recv(65536):
        heard += piece
    return bytes(heard)


@contextmanager
def gateway_for(canned: Canned, folder: Path, drain_s: float) -> Iterator[Served]:
    with served(canned.base_url, folder, limits={"drain_s": drain_s}) as gateway:
        yield gateway


def test_what_is_under_way_comes_to_its_end_and_nothing_new_begins(canned: Canned, tmp_path: Path) -> None:
    canned.play(SLOW)
    with gateway_for(canned, tmp_path, 20) as gateway, asked(gateway.running) as line:
        idle = socket.create_connection((HOST, gateway.running.port), timeout=60)
        gateway.tell(signal.SIGINT)
        heard = rest(line)
        assert b'"e."' in heard
        assert heard.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")
        assert idle.recv(1) == b""
        idle.close()
        assert gateway.ended() == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, gateway.running.port))
        assert gateway.running.records()[-1]["outcome"] == "answered"


def test_what_takes_longer_ends_closed_with_an_error_and_a_record(canned: Canned, tmp_path: Path) -> None:
    canned.play(ENDLESS)
    with gateway_for(canned, tmp_path, 0.3) as gateway, asked(gateway.running) as line:
        gateway.tell(signal.SIGTERM)
        heard = rest(line)
        assert gateway.ended() == 0
    error, done = heard.split(b"data: ")[-2:]
    assert b'"code":"shutting_down"' in error
    assert done.startswith(b"[DONE]\n\n")
    assert heard.endswith(b"0\r\n\r\n")
    assert canned.left.wait(60)
    record = gateway.running.records()[-1]
    assert (record["outcome"], record["error"]) == ("failed", "shutting_down")
    assert verify(gateway.running.audit).ok


def test_told_twice_it_ends_at_once(canned: Canned, tmp_path: Path) -> None:
    canned.play(ENDLESS)
    with gateway_for(canned, tmp_path, 60) as gateway, asked(gateway.running) as line:
        gateway.tell(signal.SIGTERM)
        time.sleep(0.3)
        assert gateway.process.poll() is None
        began = time.monotonic()
        gateway.tell(signal.SIGTERM)
        assert b"shutting_down" in rest(line)
        assert gateway.ended() == 0
        assert time.monotonic() - began < 50


def test_a_port_in_use_is_told() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on {HOST}:{port}"):
            bind(HOST, port)


def test_a_host_that_is_none_is_told() -> None:
    with pytest.raises(OSError, match="no-such-host"):
        bind("no-such-host.invalid", 0)
