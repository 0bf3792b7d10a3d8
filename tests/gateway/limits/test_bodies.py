"""What all bodies together hold is bounded, and who would make it more is told to come again."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from gateway.errors import ApiError
from gateway.limits.bodies import Bodies
from policy.action import Action
from tests.gateway.canned import Canned, Script, completion, spoken, whole
from tests.gateway.running import CRANE, HOST, Running, config_for, policy_of, protection_of, running
from tests.gateway.served import until

MOST = 4096


@pytest.fixture(scope="module")
def gateway(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("bodies")
    config = config_for(canned.base_url, folder / "audit.jsonl", limits={"bodies_bytes": MOST, "body_s": 60})
    with running(config, protection_of(policy_of(CRANE), folder / "snapshot")) as started:
        yield started


def of_size(size: int) -> bytes:
    body = {"model": "demo", "messages": [{"role": "user", "content": "Hello!"}]}
    return json.dumps(body).encode().ljust(size)


@contextmanager
def half_a_body(gateway: Running) -> Iterator[None]:
    """Somebody who does not send the rest."""
    with socket.create_connection((HOST, gateway.port), timeout=30) as line:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {MOST}\r\n"
        line.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + of_size(MOST)[: MOST // 2])
        yield


def test_who_would_make_it_more_comes_again_later(gateway: Running, canned: Canned) -> None:
    canned.play(whole(completion()))
    with half_a_body(gateway):
        until(lambda: gateway.post(of_size(MOST)).status == 503)
        told = gateway.post(of_size(MOST))
        assert (told.status, told.error["code"], told.headers["retry-after"]) == (503, "overloaded", "1")
        assert gateway.post(of_size(MOST // 4)).status == 200
    until(lambda: gateway.post(of_size(MOST)).status == 200)


def test_a_body_alone_may_be_larger(gateway: Running, canned: Canned) -> None:
    canned.play(whole(completion()))
    assert until(lambda: gateway.post(of_size(4 * MOST)).status == 200)


def test_a_whole_answer_counts_until_it_was_sent(gateway: Running, canned: Canned) -> None:
    body, told = json.dumps(completion("A lamp. " * 400)).encode(), Event()
    half = Script((body[:1500], body[1500:3000], body[3000:]), 200, "application/json", gate=told)
    canned.play(half)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(gateway.post, of_size(100))
        until(lambda: canned.asked)
        canned.play(whole(completion("A lamp. " * 400)))
        until(lambda: gateway.post(of_size(100)).status == 503)
        assert gateway.post(of_size(100)).error["code"] == "overloaded"
        told.set()
        assert first.result(60).status == 200
    until(lambda: gateway.post(of_size(100)).status == 200)


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_waits_for_its_twin_counts(stream: bool, canned: Canned, tmp_path: Path) -> None:
    protection = protection_of(policy_of(CRANE, prompt=Action.FLAG), tmp_path / "snapshot")
    limits = {"bodies_bytes": MOST, "body_s": 60}
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", limits=limits, twin_check=True)
    canned.answers = partial(spoken, "A lamp. " * (MOST // 3 // 8))
    try:
        with running(config, protection) as gateway:
            with half_a_body(gateway):
                until(lambda: gateway.chat("Who is Alden Crane?", stream=stream).status == 503)
                assert gateway.chat("Who is it?", stream=stream).status == 200
            until(lambda: gateway.chat("Who is Alden Crane?", stream=stream).status == 200)
    finally:
        canned.answers = None


def test_what_a_request_held_is_free_after_it() -> None:
    bodies = Bodies(10)
    with bodies.one() as first, bodies.one() as second:
        first.take(6)
        second.take(4)
        with pytest.raises(ApiError):
            second.take(1)
        assert bodies.held == 10
    assert bodies.held == 0
