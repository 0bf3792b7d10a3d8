"""A model server that says no, that sends elsewhere, that is odd, or that is not there."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.bad.ground import Ending, Ground, code_of, encoded, ground_in, request
from tests.gateway.canned import DONE, Canned, Script, chunk, said, stream
from tests.gateway.running import HOST

ECHO = "This prompt is too long: Alden Crane, 555-201-3391"
PLAIN = "temperature: too high"
PASSED = (400, 409, 413, 422, 429, 500, 501, 503)
OTHER = (101, 201, 202, 204, 206, 300, 304, 401, 402, 403, 405, 406, 408, 418, 451, 502, 504, 599)

# What the model server says with an error, and what is told of it.
GENERIC = "^The model server did not accept the request"
BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", GENERIC),
    "a message": (json.dumps({"error": {"message": PLAIN}}).encode(), f"^{PLAIN}$"),
    "an echo": (json.dumps({"error": {"message": ECHO}}).encode(), GENERIC),
    "an echo as text": (json.dumps({"error": ECHO}).encode(), GENERIC),
    "an echo as detail": (json.dumps({"detail": ECHO}).encode(), GENERIC),
    "an echo in a list": (json.dumps({"detail": [{"input": ECHO}]}).encode(), GENERIC),
    "an echo behind escapes": (b'{"message": "\\u0041lden \\u0043rane"}', GENERIC),
    "an echo beside a message": (
        json.dumps({"error": {"message": PLAIN, "param": ECHO, "code": ECHO, "type": ECHO}}).encode(),
        f"^{PLAIN}$",
    ),
    "a page": (f"<html>{ECHO}</html>".encode(), GENERIC),
    "garbage": (b"\0\xff Alden Crane", GENERIC),
    "JSON nested deep": (b'{"error":' + b"[" * 900 + b"]" * 900 + b"}", GENERIC),
    "JSON nested too deep": (b'{"error":' + b"[" * 50_000, GENERIC),
    "half a surrogate": (rb'{"error": {"message": "\ud800"}}', GENERIC),
}
STREAMED = [request(encoded())]


def answered_with(status: int, body: bytes, *headers: tuple[str, str]) -> Script:
    return Script((body,) if body else (), status, "application/json", headers=headers)


@pytest.mark.parametrize("status", PASSED)
@pytest.mark.parametrize("what", BODIES)
def test_an_error_is_passed_on_without_what_is_forgotten(what: str, status: int, ground: Ground) -> None:
    body, told = BODIES[what]
    ground.canned.play(answered_with(status, body))
    ending = Ending(status, "upstream_error", told, asked=True, streamed=True)
    assert code_of(ground.tell(STREAMED, ending)) == ending.code
    assert ground.stands()


def test_an_error_that_is_too_large_is_not_passed_on(ground: Ground) -> None:
    ground.canned.play(answered_with(400, b'{"error": "' + b"x" * 2**20 + b'"}'))
    told = "^The model server sent an answer that could not be checked"
    ending = Ending(502, "upstream_invalid", told, asked=True, streamed=True)
    assert code_of(ground.treat(STREAMED, ending)) == ending.code


@pytest.mark.parametrize("status", OTHER)
def test_a_status_that_no_error_has_is_an_error(status: int, ground: Ground) -> None:
    """Written as it is on the line: some of these have no body."""
    body = b"" if status < 200 or status in (204, 304) else b"Alden Crane"
    head = b"HTTP/1.1 %d Said\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % (status, len(body))
    ground.canned.play(Script((head + body,), raw=True))
    codes = "upstream_incomplete", "upstream_timeout", "upstream_invalid"
    answered = ground.answered(STREAMED)
    assert answered.status in (502, 504)
    assert answered.error["code"] in codes
    assert ground.stands()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["/v1/models", "/v1/other", "http://127.0.0.1:1/", "//evil.example/", "Alden"])
def test_a_redirection_is_not_followed(status: int, to: str, ground: Ground) -> None:
    ground.canned.play(answered_with(status, b"", ("location", to)))
    told = "^The model server sent an answer that could not be checked"
    ending = Ending(502, "upstream_invalid", told, asked=True, streamed=True)
    assert code_of(ground.tell(STREAMED, ending)) == ending.code
    assert len(ground.canned.asked) == 1
    assert ground.stands()


def test_an_unknown_model_of_the_model_server_is_told_as_the_gateways_own(ground: Ground) -> None:
    ground.canned.play(answered_with(404, BODIES["an echo"][0]))
    told = "^The model does not exist; see /v1/models"
    ending = Ending(404, "model_not_found", told, asked=True, streamed=True)
    assert code_of(ground.treat(STREAMED, ending)) == ending.code


WAITS = {"7": "7", "0": "0", "99999": "99999", "100000": None, "-1": None, "1.5": None, "Alden": None}
WAITS |= {"Wed, 21 Oct 2026 07:28:00 GMT": None, "٣": None}


@pytest.mark.parametrize(("said", "passed"), WAITS.items())
def test_a_wait_that_is_no_small_number_is_not_passed_on(
    said: str, passed: str | None, ground: Ground
) -> None:
    head = f"HTTP/1.1 429 Said\r\nretry-after: {said}\r\ncontent-length: 0\r\n\r\n".encode()
    ground.canned.play(Script((head,), raw=True))
    ending = Ending(429, "upstream_error", GENERIC, asked=True, streamed=True)
    assert ground.treat(STREAMED, ending).headers.get("retry-after") == passed


def ended(*events: bytes) -> tuple[bytes, ...]:
    return (*said(["The lamp ", "turns."]), *events)


ODD: dict[str, tuple[bytes, ...]] = {
    "ends twice": ended(DONE, DONE, DONE),
    "says more after its end": ended(DONE, b"data: Alden Crane\n\n", DONE),
    "has no last line": ended(DONE.rstrip()),
    "breaks lines with CRLF": tuple(event.replace(b"\n", b"\r\n") for event in ended(DONE)),
    "breaks lines with CR": tuple(event.replace(b"\n", b"\r") for event in ended(DONE)),
    "has no space after the colon": tuple(event.replace(b"data: ", b"data:") for event in ended(DONE)),
    "begins with a mark": (b"\xef\xbb\xbf" + ended()[0], *ended()[1:], DONE),
    "holds comments": (b": Alden Crane\n\n", *ended(b": Alden Crane\n"), DONE),
    "holds fields that nobody knows": (b"id: Alden\nretry: 1\nAlden: Crane\n\n", *ended(DONE)),
    "holds empty events": (b"\n\n\n", *ended(b"\n\n\n"), DONE),
    "is one piece": (b"".join(ended(DONE)),),
    "is pieces of a byte": tuple(bytes([byte]) for byte in b"".join(ended(DONE))),
    "names its events": tuple(b"event: message\n" + event for event in ended(DONE)),
    "counts in between": (
        *ended()[:2],
        b'data: {"choices": [], "usage": {"prompt_tokens": 1}}\n\n',
        *ended(DONE)[2:],
    ),
    "has a usage of text": (
        *ended(),
        b'data: {"choices": [], "usage": {"prompt_tokens": "Alden"}}\n\n',
        DONE,
    ),
    "has unknown fields without text": (
        chunk({"more": [0, None, {"a": 1.5}]}, more={"b": True}),
        *ended(DONE),
    ),
    "has an unknown finish reason": (*ended()[:-1], chunk({}, "Alden Crane"), DONE),
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_stream_is_read_as_the_plain_one(what: str, ground: Ground) -> None:
    ground.canned.play(stream(*ODD[what]))
    answered = ground.answered(STREAMED)
    assert (answered.status, answered.text(), answered.finishes()) == (200, "The lamp turns.", ["stop"])
    assert answered.events[-1] == "[DONE]"
    assert ground.stands()


def test_hints_before_an_answer_are_passed_over(ground: Ground) -> None:
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <Alden>\r\n\r\n"
    body = b"".join(ended(DONE))
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n" % len(body)
    ground.canned.play(Script((hints + head + body,), raw=True))
    assert ground.answered(STREAMED).text() == "The lamp turns."
    assert ground.stands()


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port on which nobody listens, and which nobody else can take."""
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        yield bound.getsockname()[1]


@pytest.mark.parametrize("host", [HOST, "no-such-host.invalid"])
@pytest.mark.parametrize("streamed", [True, False])
def test_a_model_server_that_is_not_there_is_told(
    host: str, streamed: bool, nobody: int, canned: Canned, tmp_path: Path
) -> None:
    upstream: dict[str, Any] = {"base_url": f"http://{host}:{nobody}/v1", "connect_timeout_s": 120}
    told = "^The model server cannot be reached"
    with ground_in(tmp_path, canned, upstream=upstream) as ground:
        ending = Ending(502, "upstream_unreachable", told, streamed=streamed)
        assert code_of(ground.treat([request(encoded(stream=streamed))], ending)) == ending.code


def test_a_model_server_that_lets_nobody_in_is_told(canned: Canned, tmp_path: Path) -> None:
    """Its line of waiting connections is full, so that connecting takes for ever."""
    with socket.create_server((HOST, 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex((HOST, port))
        upstream: dict[str, Any] = {"base_url": f"http://{HOST}:{port}/v1", "connect_timeout_s": 0.5}
        with ground_in(tmp_path, canned, upstream=upstream | {"idle_timeout_s": 0.5}) as ground:
            told = "^The model server did not answer in time"
            ending = Ending(504, "upstream_timeout", told, streamed=True)
            assert code_of(ground.treat(STREAMED, ending)) == ending.code
        for one in waiting:
            one.close()


def test_a_model_server_that_closes_every_connection_is_told(ground: Ground) -> None:
    ground.canned.drops = 2
    told = "^The model server ended its answer early"
    ending = Ending(502, "upstream_incomplete", told, streamed=True)
    assert code_of(ground.treat(STREAMED, ending)) == ending.code
    assert ground.canned.drops == 0, "it is tried once more and no more"
