"""A request's body has a size and a time, however it is sent."""

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.canned import DONE, Canned, said, stream
from tests.gateway.running import HOST, Running, config_for, policy_of, protection_of, running
from tests.gateway.served import until

MESSAGES = [{"role": "user", "content": "Hello!"}]
HELLO = json.dumps({"model": "demo", "stream": True, "messages": MESSAGES}).encode()
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


@pytest.fixture(scope="module")
def small(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("small")
    limits = {"body_bytes": 2000, "body_s": 300, "messages": 3}
    config = config_for(canned.base_url, folder / "audit.jsonl", limits=limits)
    with running(config, protection_of(policy_of(), folder / "snapshot")) as gateway:
        yield gateway


def chunked(gateway: Running, pieces: list[bytes]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, gateway.port, timeout=60)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/v1/chat/completions", iter(pieces), headers, encode_chunked=True)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_a_body_in_pieces_is_read(canned: Canned, small: Running) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    status, body = chunked(small, [HELLO[at : at + 7] for at in range(0, len(HELLO), 7)])
    assert status == 200
    assert b"Yes." in body


def test_a_body_without_a_length_has_its_limit_too(canned: Canned, small: Running) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    status, body = chunked(small, [b" " * 500] * 5)
    assert status == 413
    assert json.loads(body)["error"]["code"] == "body_too_large"
    assert canned.asked == []


def test_a_length_over_the_limit_is_refused_before_the_body_comes(small: Running) -> None:
    with socket.create_connection((HOST, small.port), timeout=60) as line:
        line.sendall(HEAD + b"content-length: 2001\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_body_that_does_not_come_is_not_waited_for(canned: Canned, tmp_path: Path) -> None:
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", limits={"body_s": 0.5})
    with (
        running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway,
        socket.create_connection((HOST, gateway.port), timeout=60) as line,
    ):
        line.sendall(HEAD + b"content-length: 100\r\n\r\n{")
        assert line.recv(4096).startswith(b"HTTP/1.1 408")


def test_a_client_that_leaves_in_its_body_is_let_go(canned: Canned, small: Running) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    lines = len(small.records())
    with socket.create_connection((HOST, small.port), timeout=60) as line:
        line.sendall(HEAD + b"content-length: 100\r\n\r\n{")
    until(lambda: len(small.records()) > lines)
    assert (small.records()[-1]["outcome"], small.records()[-1]["status"]) == ("left", 499)
    assert canned.asked == []


def test_too_many_messages_are_refused(small: Running) -> None:
    body = {"model": "demo", "messages": [{"role": "user", "content": "a"}] * 4}
    answered = small.post(json.dumps(body).encode())
    assert (answered.status, answered.error["param"]) == (400, "messages")


NONSENSE = (b"\x00\x01\r\n\r\n", b"GET\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n", b"\x16\x03\x01" + b"\x00" * 50)


def test_nonsense_on_the_line_does_not_hurt(canned: Canned, small: Running) -> None:
    for nonsense in NONSENSE:
        with socket.create_connection((HOST, small.port), timeout=60) as line:
            line.sendall(nonsense)
            line.shutdown(socket.SHUT_WR)
            while line.recv(4096):
                pass
    canned.play(stream(*said(["Yes."]), DONE))
    assert small.post(HELLO).text() == "Yes."
