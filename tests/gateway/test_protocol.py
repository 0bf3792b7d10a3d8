"""Whatever comes on the line gets an answer in the API's shape or a closed connection, on real sockets."""

import json
import select
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.protocol import FIELDS, PIPELINED
from tests.gateway.canned import DONE, Canned, said, stream
from tests.gateway.running import HOST, Running, config_for, policy_of, protection_of, running
from tests.gateway.served import until

SECRET = b"swordfish"
LIMITS = {"header_bytes": 8192, "header_s": 300}


@pytest.fixture(scope="module")
def gateway(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("protocol")
    config = config_for(canned.base_url, folder / "audit.jsonl", limits=LIMITS)
    with running(config, protection_of(policy_of(), folder / "snapshot")) as one:
        yield one


@pytest.fixture(scope="module")
def hasty(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Long enough for a client to connect and say something on any machine, and no longer."""
    folder = tmp_path_factory.mktemp("hasty")
    config = config_for(canned.base_url, folder / "audit.jsonl", limits=LIMITS | {"header_s": 2})
    with running(config, protection_of(policy_of(), folder / "snapshot")) as one:
        yield one


class Line:
    """A connection that sends what it is told to and reads answers from it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=60)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def send(self, *pieces: bytes) -> "Line":
        for piece in pieces:
            self._socket.sendall(piece)
        return self

    def heard_within(self, seconds: float) -> bool:
        return bool(select.select([self._socket], [], [], seconds)[0])

    def answer(self) -> tuple[int, Any]:
        """The status and the body of the next answer, its text where it is no JSON."""
        status = int(self._file.readline().split()[1])
        fields = {}
        while line := self._file.readline().strip().lower():
            name, _, value = line.partition(b": ")
            fields[name] = value
        body = (
            self._file.read(int(fields[b"content-length"])) if b"content-length" in fields else self._chunks()
        )
        self.closes = fields.get(b"connection") == b"close"
        assert SECRET not in body
        return status, json.loads(body) if body.startswith(b"{") else body

    def _chunks(self) -> bytes:
        pieces = []
        while size := int(self._file.readline(), 16):
            pieces.append(self._file.read(size))
            self._file.readline()
        self._file.readline()
        return b"".join(pieces)

    def refusal(self) -> tuple[int, str]:
        """Status and code of an error in the API's shape, after which the connection ends."""
        status, body = self.answer()
        assert self.closes
        assert self.ended()
        return status, body["error"]["code"]

    def ended(self) -> bool:
        with suppress(ConnectionResetError):
            return self._file.read(1) == b""
        return True


def request(method: str = "GET", path: str = "/healthz", *headers: str, body: bytes = b"") -> bytes:
    head = [f"{method} {path} HTTP/1.1", "Host: gateway", *headers]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def chat(*headers: str, streamed: bool = False) -> bytes:
    body = json.dumps(
        {"model": "demo", "stream": streamed, "messages": [{"role": "user", "content": "Hello!"}]}
    ).encode()
    told = ["Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return request("POST", "/v1/chat/completions", *told, body=body)


def posted(*headers: str, body: bytes) -> bytes:
    return request("POST", "/v1/chat/completions", "Content-Type: application/json", *headers, body=body)


TOO_LARGE = {
    "one header": request("GET", "/healthz", "X-Filler: " + "a" * 9000),
    "one header that never ends": b"GET /healthz HTTP/1.1\r\nX-Filler: " + b"a" * 30_000,
    "a path": request("GET", "/" + "a" * 9000),
    "a path that never ends": b"GET /" + b"a" * 30_000,
    "many headers": request("GET", "/healthz", *(f"X-{number}: {'a' * 90}" for number in range(100))),
    "a header's name": request("GET", "/healthz", "X" * 9000 + ": 1"),
    "more headers than are read": request(
        "GET", "/healthz", *(f"X-{number}: 1" for number in range(FIELDS + 1))
    ),
}


@pytest.mark.parametrize("what", TOO_LARGE)
def test_headers_over_the_limit_are_refused(what: str, gateway: Running) -> None:
    with Line(gateway.port) as line:
        assert line.send(TOO_LARGE[what]).refusal() == (431, "headers_too_large")


def test_headers_under_the_limit_are_read(gateway: Running) -> None:
    with Line(gateway.port) as line:
        assert line.send(request("GET", "/healthz", "X-Filler: " + "a" * 8000)).answer()[0] == 200


def test_what_stands_before_a_head_is_not_counted_as_its_own(gateway: Running) -> None:
    with Line(gateway.port) as line:
        long = posted("Content-Length: 20000", body=b"a" * 20_000)
        line.send(long + request("GET", "/healthz", "X-Filler: " + "a" * 7000))
        assert line.answer()[0] == 400
        assert line.answer()[0] == 200


TORN = b"GET /healthz HTTP/1.1\r\nHost: gateway\r\nX-Secret: " + SECRET


def test_headers_that_do_not_come_in_time_are_told(hasty: Running) -> None:
    with Line(hasty.port) as line:
        assert line.send(TORN).refusal() == (408, "timeout")


def test_headers_that_drip_are_late_all_the_same(hasty: Running) -> None:
    drips = 0
    with Line(hasty.port) as line:
        line.send(b"GET /healthz HTTP/1.1\r\n")
        while drips < 300 and not line.heard_within(0.1):
            line.send(b"X: 1\r\n")
            drips += 1
        assert line.refusal() == (408, "timeout")
    assert drips < 300


@pytest.mark.parametrize("sent", [b"", b"\r\n"], ids=["nothing", "an empty line"])
def test_a_client_that_asks_nothing_is_left_without_a_word(sent: bytes, hasty: Running) -> None:
    with Line(hasty.port) as line:
        assert line.send(sent).ended()


def test_the_second_head_on_a_connection_must_come_in_time_too(hasty: Running) -> None:
    with Line(hasty.port) as line:
        assert line.send(request()).answer()[0] == 200
        assert line.send(TORN).refusal() == (408, "timeout")


def test_an_answer_under_way_is_not_cut_by_a_late_head(hasty: Running, canned: Canned) -> None:
    canned.play(stream(*said(["word "] * 10), DONE, pause_s=0.25))
    with Line(hasty.port) as line:
        status, body = line.send(chat(streamed=True) + TORN).answer()
        assert status == 200
        assert body.endswith(DONE)
        assert line.ended()


MALFORMED = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00" + SECRET,
    "a method that is none": b"SWORD /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n",
    "a path that is none": "GET /é HTTP/1.1\r\nHost: gateway\r\n\r\n".encode(),
    "a version that is not spoken": b"GET /healthz HTTP/2.0\r\nHost: gateway\r\n\r\n",
    "lines that end with LF": b"GET /healthz HTTP/1.1\nHost: gateway\n\n",
    "one line that ends with LF": b"GET /healthz HTTP/1.1\r\nHost: gateway\nX: " + SECRET + b"\r\n\r\n",
    "a folded line": request("GET", "/healthz", "X: a", " b"),
    "a folded coding": posted("Transfer-Encoding:", " chunked", body=b"0\r\n\r\n"),
    "a space before the colon": request("GET", "/healthz", "X : a"),
    "a NUL": request("GET", "/healthz", "X: a\0b"),
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": request("GET", "/healthz", "Host: other"),
    "a tunnel": b"CONNECT gateway:80 HTTP/1.1\r\nHost: gateway\r\n\r\n",
    "two lengths": posted("Content-Length: 2", "Content-Length: 3", body=b"{}"),
    "a list of lengths": posted("Content-Length: 2, 2", body=b"{}"),
    "a signed length": posted("Content-Length: +2", body=b"{}"),
    "a length and chunks": posted("Content-Length: 2", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "chunks and a length": posted("Transfer-Encoding: chunked", "Content-Length: 2", body=b"0\r\n\r\n"),
    "a coding that is none": posted("Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "chunks that are not last": posted("Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
    "chunks of something packed": posted("Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk size that is none": posted("Transfer-Encoding: chunked", body=b"0x2\r\n{}\r\n0\r\n\r\n"),
    "chunks that end with LF": posted("Transfer-Encoding: chunked", body=b"2\n{}\n0\n\n"),
    "a long trailer": posted("Transfer-Encoding: chunked", body=b"0\r\nX: " + b"a" * 40_000 + b"\r\n"),
    "a trailer that never ends": posted("Transfer-Encoding: chunked", body=b"0\r\n" + b"a" * 80_000 + b"\0"),
    "an extension that never ends": posted("Transfer-Encoding: chunked", body=b"2;" + b"a" * 80_000),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_no_http_or_could_be_read_in_two_ways_is_refused(what: str, gateway: Running) -> None:
    hidden = request("GET", "/healthz")
    with Line(gateway.port) as line:
        assert line.send(MALFORMED[what] + hidden).refusal() == (400, "invalid_http")


def test_garbage_after_a_request_does_not_reach_into_its_answer(gateway: Running, canned: Canned) -> None:
    canned.play(stream(*said(["word "] * 5), DONE, pause_s=0.02))
    with Line(gateway.port) as line:
        status, body = line.send(chat(streamed=True) + b"\0\0" + SECRET).answer()
        assert status == 200
        assert body.endswith(DONE)
        assert line.ended()


def test_requests_sent_at_once_are_answered_in_their_order(gateway: Running, canned: Canned) -> None:
    canned.play(stream(*said(["Yes."]), DONE, pause_s=0.02))
    with Line(gateway.port) as line:
        line.send(chat(streamed=True) + request() + request("GET", "/nowhere") + request())
        assert b"Yes." in line.answer()[1]
        assert [line.answer()[0] for _ in range(3)] == [200, 404, 200]


def test_only_so_many_requests_wait_on_one_connection(gateway: Running, canned: Canned) -> None:
    canned.play(stream(*said(["Yes."] * 3), DONE, pause_s=0.1))
    with Line(gateway.port) as line:
        line.send(chat(streamed=True) + request() * (2 * PIPELINED))
        assert b"Yes." in line.answer()[1]
        assert [line.answer()[0] for _ in range(PIPELINED)] == [200] * PIPELINED
        assert line.ended()


def test_a_body_is_asked_for_where_the_client_waits_for_it(gateway: Running, canned: Canned) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    head, _, body = chat("Expect: 100-continue", streamed=True).partition(b"\r\n\r\n")
    with Line(gateway.port) as line:
        line.send(head + b"\r\n\r\n")
        assert line._file.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert line._file.readline() == b"\r\n"
        assert b"Yes." in line.send(body).answer()[1]


def test_a_body_that_is_not_asked_for_is_not_taken_for_a_request(gateway: Running) -> None:
    head = posted("Expect: 100-continue", "Content-Length: 5000000", body=b"")
    with Line(gateway.port) as line:
        assert line.send(head).answer()[0] == 413
        assert line.closes
        assert line.send(request()).ended()


def test_what_follows_an_early_answer_is_not_read_for_ever(hasty: Running) -> None:
    with Line(hasty.port) as line:
        assert line.send(posted("Content-Length: 50000000", body=b"a")).answer()[0] == 413
        until(lambda: is_refused(line, b"a"))


def is_refused(line: Line, said: bytes) -> bool:
    try:
        line.send(said)
    except OSError:
        return True
    return False


def test_an_old_client_gets_its_answer_and_the_end(gateway: Running) -> None:
    with Line(gateway.port) as line:
        assert line.send(b"GET /healthz HTTP/1.0\r\n\r\n").answer()[0] == 200
        assert line.ended()


@pytest.mark.parametrize("to", ["h2c", "websocket"])
def test_another_protocol_is_not_spoken_and_the_request_answered(
    to: str, gateway: Running, canned: Canned
) -> None:
    """Java's client offers HTTP/2 in this way with every request."""
    canned.play(stream(*said(["Yes."]), DONE))
    offer = ("Connection: Upgrade, HTTP2-Settings", f"Upgrade: {to}", "HTTP2-Settings: AAMAAABkAAQCAAAAAA")
    with Line(gateway.port) as line:
        status, body = line.send(chat(*offer, streamed=True) + request("GET", "/nowhere")).answer()
        assert status == 200, body
        assert b"Yes." in body
        assert line.answer()[0] == 404


def test_a_trailer_is_no_header(canned: Canned, tmp_path: Path) -> None:
    """A key, or anything else that decides, must have stood before the body."""
    keys = [{"name": "app", "sha256": "0" * 64}]
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", keys=keys)
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as guarded:
        head = request("POST", "/v1/chat/completions", "Transfer-Encoding: chunked")
        with Line(guarded.port) as line:
            line.send(head + b"2\r\n{}\r\n0\r\nContent-Type: application/json\r\n\r\n")
            assert line.answer()[0] == 401


def test_a_client_that_leaves_in_its_headers_leaves_nothing(gateway: Running, canned: Canned) -> None:
    before = len(gateway.records())
    for sent in (TORN, b"", b"\0"):
        with Line(gateway.port) as line:
            line.send(sent)
    assert gateway.chat().status in (200, 502)
    assert len(gateway.records()) == before + 1
    assert SECRET not in gateway.audit.read_bytes()


def test_a_body_that_breaks_off_leaves_the_application(gateway: Running) -> None:
    """The request began: it is told why it ends, and it has its line in the audit log."""
    before = len(gateway.records())
    with Line(gateway.port) as line:
        line.send(posted("Transfer-Encoding: chunked", body=b"2\r\n{}\r\n")).send(b"no chunk")
        assert line.refusal() == (400, "invalid_http")
    until(lambda: len(gateway.records()) > before)
    assert gateway.records()[before]["outcome"] == "left"
