"""What all bodies together hold is bounded, and who would make it more is told to come again."""

import json
import socket
from collections.abc import Iterator

import pytest

from gateway.errors import ApiError
from gateway.limits.bodies import Bodies
from tests.gateway.canned import Canned, completion, whole
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


def test_who_would_make_it_more_comes_again_later(gateway: Running, canned: Canned) -> None:
    canned.play(whole(completion()))
    with socket.create_connection((HOST, gateway.port), timeout=30) as line:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {MOST}\r\n"
        line.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + of_size(MOST)[: MOST // 2])
        until(lambda: gateway.post(of_size(MOST)).status == 503)
        told = gateway.post(of_size(MOST))
        assert (told.status, told.error["code"], told.headers["retry-after"]) == (503, "overloaded", "1")
        assert gateway.post(of_size(MOST // 4)).status == 200
    until(lambda: gateway.post(of_size(MOST)).status == 200)


def test_a_body_alone_may_be_larger(gateway: Running, canned: Canned) -> None:
    canned.play(whole(completion()))
    assert until(lambda: gateway.post(of_size(4 * MOST)).status == 200)


def test_what_a_request_held_is_free_after_it() -> None:
    bodies = Bodies(10)
    with bodies.one() as first, bodies.one() as second:
        first.take(6)
        second.take(4)
        with pytest.raises(ApiError):
            second.take(1)
        assert bodies.held == 10
    assert bodies.held == 0
