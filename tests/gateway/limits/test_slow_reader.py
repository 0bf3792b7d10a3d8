"""A client that does not read is cut off in time, and one that reads slowly is not."""

import asyncio
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.limits import unread_line
from gateway.limits.timer import Timer
from gateway.limits.unread_line import UnreadLine
from gateway.server import bind
from tests.gateway.canned import DONE, Canned, End, Script, chunk, completion, said, stream, whole
from tests.gateway.running import HOST, Running, config_for, policy_of, protection_of, running
from tests.gateway.served import until

BODY = b'{"model":"demo","messages":[{"role":"user","content":"Hello!"}]}'
STREAMED = b'{"model":"demo","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'
LONG = "-" * 100_000
EVENTS = 200
STREAM = stream(*(chunk({"content": LONG}) for _ in range(EVENTS)))


WHOLE = whole(completion(LONG * 2))


@pytest.fixture(autouse=True)
def _small_buffers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel takes little on its own, so that little is enough to be more."""

    def small(host: str, port: int) -> socket.socket:
        listener = bind(host, port)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        return listener

    monkeypatch.setattr("tests.gateway.running.bind", small)


@contextmanager
def line_to(one: Running) -> Iterator[socket.socket]:
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        line.connect((HOST, one.port))
        yield line


@contextmanager
def gateway(canned: Canned, folder: Path, **limits: Any) -> Iterator[Running]:
    config = config_for(canned.base_url, folder / "audit.jsonl", limits=limits)
    with running(config, protection_of(policy_of(), folder / "snapshot")) as one:
        yield one


def post(line: socket.socket, body: bytes, *more: bytes) -> None:
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    line.sendall(b"".join([head, *more, b"Content-Length: %d\r\n\r\n" % len(body), body]))


def is_cut(line: socket.socket) -> bool:
    """Whether the other end has given up on a connection, seen without reading from it."""
    seen = select.poll()
    seen.register(line, 0)
    return any(event & select.POLLERR for _, event in seen.poll(0))


def test_a_client_that_does_not_read_its_stream_is_cut_off_and_recorded(
    canned: Canned, tmp_path: Path
) -> None:
    canned.play(STREAM)
    with gateway(canned, tmp_path, reader_s=0.25) as one, line_to(one) as line:
        post(line, STREAMED)
        assert canned.left.wait(60), "the model server's answer was ended"
        until(one.records)
        assert canned.sent < EVENTS
        record = one.records()[0]
        assert (record["outcome"], record["error"]) == ("left", "reader_timeout")
        assert until(lambda: is_cut(line))


def test_a_client_that_does_not_read_its_whole_answer_is_cut_off(canned: Canned, tmp_path: Path) -> None:
    canned.play(WHOLE)
    with gateway(canned, tmp_path, reader_s=0.25) as one, line_to(one) as line:
        post(line, BODY)
        assert until(lambda: is_cut(line))
        until(one.records)


def test_a_client_that_closes_after_its_answer_and_does_not_read_it_is_cut_off(
    canned: Canned, tmp_path: Path
) -> None:
    """Its connection would stay open until all was read."""
    canned.play(whole(completion("-" * 50_000)))
    with gateway(canned, tmp_path, reader_s=0.25) as one, line_to(one) as line:
        post(line, BODY, b"Connection: close\r\n")
        assert until(lambda: is_cut(line))
        until(one.records)


@pytest.mark.long
def test_what_is_left_unread_of_a_connection_that_is_kept_is_cut_off(canned: Canned, tmp_path: Path) -> None:
    canned.play(whole(completion("-" * 50_000)))
    with gateway(canned, tmp_path, reader_s=0.25) as one, line_to(one) as line:
        post(line, BODY)
        # Servers wait for the next request first, for five seconds.
        assert until(lambda: is_cut(line))


class Times:
    """A timer that counts how often it begins and how often it is called off."""

    begun = stopped = 0

    def __init__(self, loop: asyncio.AbstractEventLoop, happens: Callable[[], None]) -> None:
        self._timer = Timer(loop, happens)
        self._runs = False

    def start(self, seconds: float) -> None:
        Times.begun += not self._runs
        self._runs = True
        self._timer.start(seconds)

    def stop(self) -> None:
        Times.stopped += self._runs
        self._runs = False
        self._timer.stop()


def test_a_client_that_reads_slowly_has_its_time_again_and_again(
    canned: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.limits.slow_reader.Timer", Times)
    monkeypatch.setattr(Times, "begun", 0)
    monkeypatch.setattr(Times, "stopped", 0)
    canned.play(stream(*said([LONG] * 6), DONE))
    with gateway(canned, tmp_path, reader_s=600) as one, line_to(one) as line:
        line.settimeout(60)
        post(line, STREAMED)
        heard = bytearray()
        for times in range(3):
            until(lambda: Times.begun > Times.stopped)
            while Times.stopped <= times:
                heard += line.recv(4096)
        while not heard.endswith(b"[DONE]\n\n\r\n0\r\n\r\n"):
            heard += line.recv(32_768)
        until(lambda: Times.begun == Times.stopped)
        assert one.records()[0]["outcome"] == "answered"


@pytest.mark.long
def test_a_client_that_reads_slowly_gets_all_of_it(canned: Canned, tmp_path: Path) -> None:
    canned.play(stream(*said([LONG] * 3), DONE))
    with gateway(canned, tmp_path, reader_s=2) as one, line_to(one) as line:
        line.settimeout(60)
        post(line, STREAMED)
        time.sleep(0.2)
        heard, began = bytearray(), time.monotonic()
        while not heard.endswith(b"[DONE]\n\n\r\n0\r\n\r\n"):
            heard += line.recv(32_768)
            time.sleep(0.12)
        assert time.monotonic() - began > 2.1
        assert one.records()[0]["outcome"] == "answered"


def test_of_two_requests_at_once_both_end_when_their_client_leaves(canned: Canned, tmp_path: Path) -> None:
    """The line is not read while one waits, so the next event finds out: a word, which is not held."""
    canned.play(stream(*said(["word "] * 2000), DONE, pause_s=0.1))
    with gateway(canned, tmp_path) as one:
        with line_to(one) as line:
            post(line, STREAMED)
            post(line, STREAMED)
            until(lambda: canned.asked)
        assert canned.left.wait(60)
        until(one.records)
        assert one.records()[0]["outcome"] == "left"


def told_of(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> threading.Event:
    """Set once that function was called."""
    called, call = threading.Event(), getattr(owner, name)

    def told(argument: object) -> object:
        called.set()
        return call(argument)

    monkeypatch.setattr(owner, name, told)
    return called


@pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot be asked")
def test_a_client_that_leaves_a_line_that_is_not_read_has_left(
    canned: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent that could find out: the model server is silent before the answer is whole."""
    paused = told_of(monkeypatch, UnreadLine, "pause_reading")
    canned.play(Script((b"{",), content_type="application/json", end=End.SILENT))
    with gateway(canned, tmp_path) as one:
        with line_to(one) as line:
            post(line, BODY)
            until(lambda: canned.asked)
            post(line, BODY)
            assert paused.wait(60), "the second request waits"
        assert canned.left.wait(60), "the first was ended"
        until(one.records)
        assert [record["outcome"] for record in one.records()] == ["left"]


def test_a_client_that_stays_on_a_line_that_is_not_read_is_answered(
    canned: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, free = told_of(monkeypatch, unread_line, "is_left"), threading.Event()
    monkeypatch.setattr(unread_line, "LOOK_S", 0.01)
    canned.play(stream(*said(["word "] * 3), DONE, gate=free))
    with gateway(canned, tmp_path) as one, line_to(one) as line:
        line.settimeout(60)
        post(line, STREAMED)
        until(lambda: canned.asked)
        post(line, STREAMED)
        assert looked.wait(60)
        free.set()
        heard = b""
        while heard.count(b"[DONE]") < 2 and (piece := line.recv(32_768)):
            heard += piece
        assert heard.count(b"[DONE]") == 2


def test_more_connections_than_there_may_be_are_told_so(canned: Canned, tmp_path: Path) -> None:
    canned.play(whole(completion()))
    with gateway(canned, tmp_path, connections=3) as one:
        held = [socket.create_connection((HOST, one.port)) for _ in range(3)]
        full = one.chat()
        assert (full.status, full.error["code"]) == (503, "overloaded")
        for line in held:
            line.close()
        until(lambda: one.chat().status == 200)


@pytest.mark.parametrize("script", [STREAM, WHOLE])
def test_with_time_to_read_nobody_is_cut_off(script: Script, canned: Canned, tmp_path: Path) -> None:
    """What the other tests see is the limit's doing."""
    canned.play(script)
    with gateway(canned, tmp_path, reader_s=60) as one, line_to(one) as line:
        post(line, STREAMED if script is STREAM else BODY)
        time.sleep(0.6)
        assert not canned.left.is_set()
        line.settimeout(60)
        assert line.recv(100)
