"""A gateway tells what is wrong before anything runs, and drains when it is told to end."""

import http.client
import json
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gateway.audit.verify import verify
from gateway.server import bind
from tests.gateway.canned import DONE, Canned, Script, said, stream
from tests.gateway.running import HOST, Running
from tests.gateway.served import Served, served, until

ASKED = json.dumps({"model": "demo", "stream": True, "messages": [{"role": "user", "content": "Hello!"}]})


@pytest.fixture
def more() -> Iterator[threading.Event]:
    """Until it is set, the model server says no more than its first words."""
    told = threading.Event()
    yield told
    told.set()


def speech(more: threading.Event) -> Script:
    return stream(*said(["a ", "b ", "c ", "d ", "e."]), DONE, gate=more)


@contextmanager
def asked(gateway: Running) -> Iterator[socket.socket]:
    """A stream whose first words have come."""
    with closing(socket.create_connection((HOST, gateway.port), timeout=60)) as line:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: {len(ASKED)}\r\n"
        line.sendall(f"{head}Content-Type: application/json\r\n\r\n{ASKED}".encode())
        while b'"a "' not in line.recv(65536):
            pass
        yield line


def closed(gateway: Served) -> bool:
    """Whether it takes no new connection: it has begun to end."""
    try:
        socket.create_connection((HOST, gateway.running.port)).close()
    except ConnectionRefusedError:
        return True
    return False


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


def test_what_is_under_way_comes_to_its_end_and_nothing_new_begins(
    canned: Canned, tmp_path: Path, more: threading.Event
) -> None:
    canned.play(speech(more))
    with gateway_for(canned, tmp_path, 300) as gateway, asked(gateway.running) as line:
        idle = http.client.HTTPConnection(HOST, gateway.running.port, timeout=60)
        idle.request("GET", "/healthz")
        idle.getresponse().read()
        gateway.tell(signal.SIGINT)
        until(lambda: closed(gateway))
        more.set()
        heard = rest(line)
        assert b'e."' in heard
        assert heard.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")
        assert idle.sock.recv(1) == b""
        idle.close()
        assert gateway.ended() == 0
        assert gateway.running.records()[-1]["outcome"] == "answered"


def test_what_takes_longer_ends_closed_with_an_error_and_a_record(
    canned: Canned, tmp_path: Path, more: threading.Event
) -> None:
    canned.play(speech(more))
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


def test_told_twice_it_ends_at_once(canned: Canned, tmp_path: Path, more: threading.Event) -> None:
    canned.play(speech(more))
    with gateway_for(canned, tmp_path, 300) as gateway, asked(gateway.running) as line:
        gateway.tell(signal.SIGTERM)
        until(lambda: closed(gateway))
        assert gateway.process.poll() is None
        gateway.tell(signal.SIGTERM)
        assert b"shutting_down" in rest(line)
        assert gateway.ended() == 0


def test_a_port_in_use_is_told() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on {HOST}:{port}"):
            bind(HOST, port)


def test_a_host_that_is_none_is_told() -> None:
    with pytest.raises(OSError, match="no-such-host"):
        bind("no-such-host.invalid", 0)
