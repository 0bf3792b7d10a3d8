"""Requests over a gateway's limits are told so in the API's shape, and cost nothing but their place."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Config
from gateway.errors import ApiError
from gateway.limits.admission import Admission, shared_table
from tests.gateway.canned import DONE, Canned, End, completion, said, stream, whole
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
from tests.gateway.served import until

HASHES = {name: sha256(name.encode()).hexdigest() for name in ("first", "second")}
KEYS = [{"name": name, "sha256": digest} for name, digest in HASHES.items()]


@contextmanager
def gateway(canned: Canned, folder: Path, limits: dict[str, Any], **rest: Any) -> Iterator[Running]:
    config = config_for(canned.base_url, folder / "audit.jsonl", limits=limits, **rest)
    with running(config, protection_of(policy_of(CRANE), folder / "snapshot")) as started:
        yield started


def as_key(one: Running, key: str, content: str = "Hello!") -> Answered:
    body = {"model": "demo", "messages": [{"role": "user", "content": content}]}
    return one.post(json.dumps(body).encode(), Authorization=f"Bearer {key}")


def patient(canned: Canned) -> dict[str, Any]:
    """A model server that may be silent for longer than any test takes."""
    return {"base_url": canned.base_url, "idle_timeout_s": 600}


class Asking:
    """A request in a thread of its own, over a socket that can be closed."""

    def __init__(self, one: Running) -> None:
        self.connection = http.client.HTTPConnection(HOST, one.port, timeout=120)
        body = json.dumps({"model": "demo", "messages": [{"role": "user", "content": "Hello!"}]})
        self.connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        self.status: int | None = None
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        with suppress(OSError, http.client.HTTPException):
            response = self.connection.getresponse()
            self.status = response.status
            response.read()

    def leave(self) -> None:
        assert self.connection.sock is not None
        self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.done()

    def done(self) -> int | None:
        self._thread.join(120)
        self.connection.close()
        return self.status


def slow(pause_s: float) -> Any:
    return stream(json.dumps(completion()).encode(), content_type="application/json", pause_s=pause_s)


def test_what_is_over_the_slots_waits_and_is_answered(canned: Canned, tmp_path: Path) -> None:
    canned.play(slow(0.05))
    with gateway(canned, tmp_path, {"requests": 2, "queue": 10}) as one:
        asked = [Asking(one) for _ in range(8)]
        assert [each.done() for each in asked] == [200] * 8
    assert len(canned.asked) == 8


@pytest.mark.parametrize("limits", [{"queue": 0, "queue_s": 600}, {"queue": 1, "queue_s": 0.3}])
def test_what_is_over_the_queue_or_waits_too_long_is_503(
    limits: dict[str, Any], canned: Canned, tmp_path: Path
) -> None:
    canned.play(stream(*said(["Hi."])[:2], end=End.SILENT))
    with gateway(canned, tmp_path, {"requests": 1, **limits}, upstream=patient(canned)) as one:
        first = Asking(one)
        until(lambda: canned.asked)
        told = one.chat()
        assert (told.status, told.error["code"], told.headers["retry-after"]) == (503, "overloaded", "1")
        assert len(canned.asked) == 1
        first.leave()
        canned.play(whole(completion()))
        until(lambda: one.chat().status == 200)
        outcomes = sorted((record["outcome"], record["error"]) for record in one.records()[:3])
    assert ("failed", "overloaded") in outcomes


def test_a_client_that_leaves_while_it_waits_frees_its_place_and_is_recorded(
    canned: Canned, tmp_path: Path
) -> None:
    canned.play(stream(*said(["Hi."])[:2], end=End.SILENT))
    limits = {"requests": 1, "queue": 1, "queue_s": 600}
    with gateway(canned, tmp_path, limits, upstream=patient(canned)) as one:
        first = Asking(one)
        until(lambda: canned.asked)
        for _ in range(5):
            waiting = Asking(one)
            before = len(one.records())
            # That it waits is seen by nobody from outside; it is the same when it never came to wait.
            time.sleep(0.05)
            waiting.leave()
            until(lambda before=before: len(one.records()) > before)  # type: ignore[misc]
            assert one.records()[-1]["outcome"] == "left"
        assert len(canned.asked) == 1
        first.leave()
        canned.play(whole(completion()))
        until(lambda: one.chat().status == 200)


def test_a_keys_requests_in_a_minute_are_limited_and_the_next_key_is_not(
    canned: Canned, tmp_path: Path
) -> None:
    canned.play(whole(completion()))
    with gateway(canned, tmp_path, {"requests_per_minute": 3}, keys=KEYS) as one:
        assert [as_key(one, "first").status for _ in range(3)] == [200] * 3
        over = as_key(one, "first")
        assert over.status == 429
        assert over.error == {
            "message": "Rate limit: expected at most 3 requests in a minute, found more.",
            "type": "requests",
            "param": None,
            "code": "rate_limit_exceeded",
        }
        assert 1 <= int(over.headers["retry-after"]) <= 20
        assert as_key(one, "second").status == 200
        assert one.records()[3]["error"] == "rate_limit_exceeded"


def test_a_key_may_have_a_rate_of_its_own(canned: Canned, tmp_path: Path) -> None:
    canned.play(whole(completion()))
    keys = [KEYS[0] | {"requests_per_minute": 1}, KEYS[1]]
    with gateway(canned, tmp_path, {"requests_per_minute": 3}, keys=keys) as one:
        assert [as_key(one, "first").status for _ in range(2)] == [200, 429]
        assert [as_key(one, "second").status for _ in range(4)] == [200] * 3 + [429]


def test_a_refusal_and_an_error_cost_as_much_as_an_answer(canned: Canned, tmp_path: Path) -> None:
    canned.play(whole(completion()))
    with gateway(canned, tmp_path, {"requests_per_minute": 3}) as one:
        assert one.chat("Who is Alden Crane?").status == 200
        assert one.post(b"no JSON").status == 400
        assert one.chat().status == 200
        assert one.chat().status == 429
        assert one.chat("Who is Alden Crane?").status == 429


def test_over_the_rate_nothing_of_the_body_is_read(canned: Canned, tmp_path: Path) -> None:
    with gateway(canned, tmp_path, {"requests_per_minute": 0.1}) as one:
        one.post(b"no JSON")
        with socket.create_connection((HOST, one.port), timeout=60) as line:
            line.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                b"Content-Length: 1000000\r\n\r\n"
            )
            assert line.recv(100).startswith(b"HTTP/1.1 429 ")


@pytest.mark.parametrize("key", ["Bearer wrong", "", "Basic Zmlyc3Q6", "Bearer first second"])
def test_a_wrong_key_learns_nothing_and_nothing_of_its_body_is_read(
    canned: Canned, tmp_path: Path, key: str
) -> None:
    with gateway(canned, tmp_path, {}, keys=KEYS) as one:
        answers = set()
        for _ in ("Alden Crane, 555-201-3391", "Nobody"):
            with socket.create_connection((HOST, one.port), timeout=60) as line:
                line.sendall(
                    b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    + f"Authorization: {key}\r\nContent-Length: 1000000\r\n\r\n".encode()
                )
                told = http.client.HTTPResponse(line)
                told.begin()
                assert told.status == 401
                answers.add(told.read())
        assert len(answers) == 1
        assert one.records() == []


def test_workers_share_what_a_key_may_ask(tmp_path: Path) -> None:
    config = config_for("http://127.0.0.1:1/v1", tmp_path / "a", limits={"requests_per_minute": 4}, keys=KEYS)
    table = shared_table()
    workers = [Admission(config, table) for _ in range(2)]
    for number in range(4):
        workers[number % 2].ask("first")
    for worker in workers:
        with pytest.raises(ApiError) as told:
            worker.ask("first")
        assert told.value.status == 429
        worker.ask("second")
    table.close()


def test_what_a_key_has_used_stays_used_when_the_settings_change(tmp_path: Path) -> None:
    def settings(keys: list[dict[str, str]], **limits: float) -> Config:
        return config_for("http://127.0.0.1:1/v1", tmp_path / "a", limits=limits, keys=keys)

    admission = Admission(settings(KEYS[1:], requests_per_minute=1))
    admission.ask("second")
    more = admission.under(settings(KEYS, requests_per_minute=1))
    more.ask("first")
    with pytest.raises(ApiError):
        more.ask("second")


def test_without_keys_everybody_shares_one_allowance(tmp_path: Path) -> None:
    config: Config = config_for("http://127.0.0.1:1/v1", tmp_path / "a", limits={"requests_per_minute": 1})
    admission = Admission(config)
    admission.ask(None)
    with pytest.raises(ApiError):
        admission.ask(None)


def test_a_stream_holds_its_slot_until_it_ends(canned: Canned, tmp_path: Path) -> None:
    over = threading.Event()
    canned.play(stream(*said(["Hi.", " there"]), DONE, gate=over))
    with gateway(canned, tmp_path, {"requests": 1, "queue": 0}, upstream=patient(canned)) as one:
        streaming = threading.Thread(target=one.chat, kwargs={"stream": True})
        streaming.start()
        until(lambda: canned.asked)
        assert one.chat().status == 503
        over.set()
        streaming.join(120)
        until(lambda: one.chat(stream=True).status == 200)
