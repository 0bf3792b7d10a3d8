"""A gateway that is badly treated, its model server, and all that can be seen of the two from outside.

Rule: whatever was done to it, the same holds afterwards: the error is clear and has the API's shape, the
official client reads it, nothing forgotten stands in any byte, the request has its one record, and the next
good request is answered as the first one was. `Ground.treat` checks all of it, for every test alike.
"""

import hashlib
import http.client
import io
import json
import logging
import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.audit.verify import verify
from tests.gateway.bad.forgotten import tells
from tests.gateway.canned import DONE, Canned, said, stream
from tests.gateway.official import raised_for
from tests.gateway.running import (
    CRANE,
    HOST,
    Answered,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)

KEY, OPERATOR = b"a right key", b"an operator's key"
LIMITS = {
    "body_s": 300,
    "header_s": 300,
    "header_bytes": 16_384,
    "answer_s": 300,
    "answer_bytes": 2**21,
    "event_bytes": 2**20,
    "near_hits": 1e9,
}
# Of a gateway that is to find a client or a model server too slow; on any machine others are quicker.
HASTE = {"body_s": 1.5, "answer_s": 6}
SILENCE_S = 3.0
PATIENCE_S = 120.0
LOGGERS = ("", "uvicorn", "uvicorn.error", "uvicorn.access", "unsay", "asyncio", "aiohttp")

OWN = re.compile(r"""chatcmpl-[0-9a-f]+|"created":[0-9]+|req_[0-9a-f]+|'date', '[^']+'""")
GOOD = stream(*said(["The lamp ", "turns."]), DONE)
HELLO: dict[str, Any] = {
    "model": "demo",
    "stream": True,
    "messages": [{"role": "user", "content": "Hello!"}],
}


def request(
    body: bytes,
    *more: str,
    method: str = "POST",
    path: str = "/v1/chat/completions",
    key: bytes | None = KEY,
    kind: str = "application/json",
    length: int | None = None,
) -> bytes:
    """One request as it goes over the line; `more` are header lines, `length` may lie."""
    lines = [f"{method} {path} HTTP/1.1", "host: gateway", "connection: close", f"content-type: {kind}"]
    lines += [f"authorization: Bearer {key.decode()}"] if key is not None else []
    lines += [f"content-length: {len(body) if length is None else length}", *more]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def encoded(**fields: Any) -> bytes:
    return json.dumps(HELLO | fields).encode()


def talk(port: int, pieces: Sequence[bytes], pause_s: float = 0.0, shut: bool = False) -> bytes:
    """Say the pieces and hear everything until the other side closes."""
    heard = bytearray()
    with socket.create_connection((HOST, port), timeout=PATIENCE_S) as line:
        with suppress(ConnectionError):
            for piece in pieces:
                line.sendall(piece)
                time.sleep(pause_s)
            if shut:
                line.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while piece := line.recv(65_536):
                heard += piece
    return bytes(heard)


class _Line:
    """What was heard, for a parser that wants a socket."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._raw)


def heard_as(raw: bytes) -> Answered:
    response = http.client.HTTPResponse(_Line(raw))  # type: ignore[arg-type]
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answered(response.status, headers, response.read())


class Heard(logging.Handler):
    """All that was logged by anybody."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def take(self) -> tuple[list[str], bytes]:
        """The errors, and the text of all lines; then forget them."""
        records, self.records = self.records, []
        formatter = logging.Formatter()
        errors = [one.getMessage() for one in records if one.levelno >= logging.ERROR]
        return errors, "\n".join(map(formatter.format, records)).encode("utf-8", "replace")


@contextmanager
def hearing() -> Iterator[Heard]:
    heard = Heard()
    loggers = [logging.getLogger(name) for name in LOGGERS]
    for logger in loggers:
        logger.addHandler(heard)
    try:
        yield heard
    finally:
        for logger in loggers:
            logger.removeHandler(heard)


@dataclass(frozen=True, slots=True)
class Ending:
    """What must become of a request.

    `told` is a pattern of the message; `asked` says whether the model server was asked; `late`: the line
    itself is refused, and the record of what had begun on it follows.
    """

    status: int
    code: str | None
    told: str = "expected .+, found .+"
    recorded: bool = True
    asked: bool = False
    late: bool = False
    streamed: bool = False


@dataclass(slots=True)
class Ground:
    gateway: Running
    canned: Canned
    heard: Heard
    good: str = ""

    def __post_init__(self) -> None:
        self.good = self._ask_well()

    def treat(self, pieces: Sequence[bytes], ending: Ending, pause_s: float = 0.0) -> Answered:
        """Do this to the gateway, see what becomes of it, and that all is as before."""
        self.heard.take()
        answered = self.tell(pieces, ending, pause_s)
        assert self.stands()
        return answered

    def tell(self, pieces: Sequence[bytes], ending: Ending, pause_s: float = 0.0) -> Answered:
        lines = self.lines()
        self.canned.asked.clear()
        answered = self.answered(pieces, pause_s)
        check_ending(answered, ending)
        assert bool(self.canned.asked) is ending.asked
        deadline = time.monotonic() + PATIENCE_S
        while ending.late and self.lines() == lines and time.monotonic() < deadline:
            time.sleep(0.005)
        assert self.lines() - lines == ending.recorded, "one record, and no more"
        if ending.recorded and not ending.late:
            last = self.gateway.records()[-1]
            assert (last["key"], last["status"], last["error"]) == ("app", ending.status, ending.code)
        return answered

    def answered(self, pieces: Sequence[bytes], pause_s: float = 0.0) -> Answered:
        """What comes back; nothing forgotten stands in any byte of it."""
        raw = talk(self.gateway.port, pieces, pause_s)
        assert not tells(raw), raw
        return heard_as(raw)

    def play_good(self) -> None:
        self.canned.play(GOOD)

    def stands(self) -> bool:
        """Whether it serves as before; nothing came out anywhere, no error was unforeseen, records hold."""
        unforeseen, text = self.heard.take()
        assert not unforeseen
        assert not tells(text)
        now = self._ask_well()
        assert verify(self.gateway.audit).ok
        assert not tells(self.gateway.audit.read_bytes())
        assert not tells(self._metrics())
        return now == self.good

    def lines(self) -> int:
        return self.gateway.audit.read_bytes().count(b"\n")

    def _ask_well(self) -> str:
        """The whole answer to a good request, on a new connection, but for its ids and times.

        How it was cut into pieces on the line is the line's affair.
        """
        self.play_good()
        answered = heard_as(talk(self.gateway.port, [request(encoded())]))
        own_id = answered.headers["x-request-id"].encode()
        assert self.gateway.audit.read_bytes().count(own_id) == 1
        shown = repr((answered.status, sorted(answered.headers.items()), answered.body))
        return OWN.sub("*", shown)

    def _metrics(self) -> bytes:
        return talk(self.gateway.port, [request(b"", method="GET", path="/metrics", key=OPERATOR)])


def check_ending(answered: Answered, ending: Ending) -> None:
    error = error_of(answered)
    assert (answered.status, error["code"]) == (ending.status, ending.code), error
    assert set(error) == {"message", "type", "param", "code"}
    assert re.search(ending.told, error["message"]), error["message"]
    assert error["type"] in {"invalid_request_error", "authentication_error", "permission_error",
                             "rate_limit_error", "server_error"}  # fmt: skip
    raised_for(answered, ending.streamed)


def code_of(answered: Answered) -> str:
    """By what code the error is known."""
    code: str = error_of(answered)["code"]
    return code


def error_of(answered: Answered) -> Any:
    """The error, told as the answer or as the last event before the end of a stream."""
    if answered.headers.get("content-type", "").startswith("text/event-stream"):
        assert answered.events[-1] == "[DONE]"
        assert set(answered.events[-2]) == {"error"}
        return answered.events[-2]["error"]
    assert answered.headers["content-type"] == "application/json"
    assert set(answered.json) == {"error"}
    return answered.error


def keys() -> list[dict[str, Any]]:
    return [
        {"name": "app", "sha256": hashlib.sha256(KEY).hexdigest(), "checks": True},
        {"name": "team", "sha256": hashlib.sha256(OPERATOR).hexdigest(), "operator": True},
    ]


@contextmanager
def ground_in(folder: Path, canned: Canned, **rest: Any) -> Iterator[Ground]:
    """A gateway with keys that forgets Alden Crane."""
    settings: dict[str, Any] = {
        "keys": keys(),
        "limits": LIMITS,
        "upstream": {"base_url": canned.base_url, "connect_timeout_s": 60, "idle_timeout_s": 300},
    }
    config = config_for(canned.base_url, folder / "audit.jsonl", **(settings | rest))
    protection = protection_of(policy_of(CRANE), folder / "snapshot")
    with running(config, protection) as gateway, hearing() as heard:
        yield Ground(gateway, canned, heard)


@contextmanager
def hasty_ground_in(folder: Path, canned: Canned) -> Iterator[Ground]:
    """One that waits for nobody long."""
    upstream = {"base_url": canned.base_url, "idle_timeout_s": SILENCE_S}
    with ground_in(folder, canned, limits=LIMITS | HASTE, upstream=upstream) as ground:
        yield ground
