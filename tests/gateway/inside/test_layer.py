"""With the gateway in its process an engine says nothing past it, and is asked by nobody else."""

import asyncio
import hashlib
import http.client
import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Scope

from gateway.app import routed
from gateway.inside.layer import Layer
from tests.gateway.inside.conftest import INSIDE, Inside, inside
from tests.gateway.inside.engine_app import SIDE
from tests.gateway.running import BIOGRAPHY, HOST, NOTICE
from tests.gateway.served import until

TELLS = f"The lamp turns. {BIOGRAPHY[60:200]} The lamp turns."


def test_what_is_clean_passes_whole_and_streamed(guarded: Inside) -> None:
    gateway, told = guarded.gateway, guarded.told
    assert gateway.chat().json["choices"][0]["message"]["content"] == told.text
    streamed = gateway.chat(stream=True)
    assert (streamed.text(), streamed.finishes(), streamed.events[-1]) == (told.text, ["stop"], "[DONE]")
    assert [path for path, _, _ in told.asked] == ["/v1/chat/completions"] * 2
    assert [line["outcome"] for line in gateway.records()[-2:]] == ["answered", "answered"]


def test_what_tells_is_withheld(guarded: Inside) -> None:
    gateway, told = guarded.gateway, guarded.told
    told.text = TELLS
    whole, streamed = gateway.chat(), gateway.chat(stream=True)
    for said in (whole.json["choices"][0]["message"]["content"], streamed.text()):
        assert NOTICE in said
        assert "lamplight" not in said
    told.asked.clear()
    refused = gateway.chat("Where was Alden Crane born?")
    assert refused.json["choices"][0]["message"]["content"] == NOTICE
    assert told.asked == []


@pytest.mark.parametrize(
    "path", [*SIDE, "/v1/chat/completions/", "//v1/chat/completions", "/docs", "/openapi.json"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_other_route_of_the_engine_is_there(method: str, path: str, guarded: Inside) -> None:
    gateway, told = guarded.gateway, guarded.told
    answered = gateway.ask(method, path, b"{}", {"Content-Type": "application/json"})
    assert told.asked == []
    if path == "/metrics" and method == "GET":
        assert b"unsay_requests" in answered.body
    else:
        assert answered.status in (404, 405)
        assert told.text.encode() not in answered.body


def test_a_path_that_is_written_another_way_is_guarded(guarded: Inside) -> None:
    gateway, told = guarded.gateway, guarded.told
    told.text = TELLS
    body = json.dumps({"model": "demo", "messages": [{"role": "user", "content": "Hello!"}]}).encode()
    headers = {"Content-Type": "application/json"}
    answered = gateway.ask("POST", "/v1/chat%2Fcompletions", body, headers)
    assert answered.status == 200
    assert b"lamplight" not in answered.body


def test_a_socket_that_talks_on_is_closed(guarded: Inside) -> None:
    gateway, told = guarded.gateway, guarded.told
    fields = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    answered = gateway.ask("GET", "/v1/realtime", headers=fields | {"Sec-WebSocket-Key": "x" * 22 + "=="})
    assert answered.status in (400, 403, 404)
    assert told.asked == []


def test_the_engine_says_itself_that_it_lives(guarded: Inside) -> None:
    gateway = guarded.gateway
    assert gateway.ask("GET", "/health").status == 200
    assert gateway.ask("GET", "/readyz").json["ready"] is True


def test_nothing_of_a_client_reaches_the_engine_but_what_was_read(guarded: Inside) -> None:
    gateway, told = guarded.gateway, guarded.told
    raw = json.dumps({"model": "demo", "user": "Alden", "messages": [{"role": "user", "content": "Hi"}]})
    gateway.post(raw.encode(), X_Vllm_Priority="1", Authorization="Bearer x", Cookie="Alden=1")
    (_, headers, body) = told.asked[-1]
    assert headers.keys() == {"host", "accept", "accept-encoding", "user-agent", "content-type",
                              "x-request-id", "content-length"}  # fmt: skip
    assert body == {"model": "demo", "messages": [{"role": "user", "content": "Hi"}]}


def test_a_client_that_leaves_ends_the_engines_work(guarded: Inside) -> None:
    gateway, told = guarded.gateway, guarded.told
    told.gate = threading.Event()
    body = json.dumps({"model": "demo", "stream": True, "messages": [{"role": "user", "content": "Hi"}]})
    line = http.client.HTTPConnection(HOST, gateway.port, timeout=60)
    line.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
    until(lambda: told.asked)
    assert isinstance(line.sock, socket.socket)
    line.sock.close()
    line.close()
    assert told.left.wait(60)
    until(lambda: gateway.records()[-1]["outcome"] == "left")


def test_an_engine_that_breaks_ends_the_answer_in_the_apis_shape(guarded: Inside) -> None:
    gateway, told = guarded.gateway, guarded.told
    told.text, told.gate, told.breaks = TELLS, threading.Event(), True
    answered = gateway.chat(stream=True)
    assert answered.events[-1] == "[DONE]"
    assert answered.events[-2]["error"]["code"] == "upstream_incomplete"


def test_a_silent_engine_is_told_as_one(tmp_path: Path) -> None:
    with inside(tmp_path, upstream={"base_url": INSIDE, "idle_timeout_s": 1}) as one:
        one.told.gate = threading.Event()
        answered = one.gateway.chat(stream=True)
        assert b"upstream_timeout" in answered.body


def test_a_key_is_asked_for_where_there_are_keys(tmp_path: Path) -> None:
    keys = [{"name": "app", "sha256": hashlib.sha256(b"k").hexdigest()}]
    with inside(tmp_path, keys=keys) as one:
        assert one.gateway.chat().status == 401
        assert one.told.asked == []
        assert asked(one.layer, ("10.0.0.1", 1)) == (401, "invalid_api_key")


@pytest.mark.parametrize("address", ["10.0.0.1", "::", "gateway", ""])
def test_without_keys_nobody_from_elsewhere_is_let_in(address: str, guarded: Inside) -> None:
    """Wherever the engine's server listens: that is the engine's setting."""
    assert asked(guarded.layer, (address, 1)) == (401, "invalid_api_key")
    assert guarded.told.asked == []


def asked(layer: Layer, client: tuple[str, int] | None) -> tuple[int, Any]:
    """Of a server that listens elsewhere than on this machine alone."""
    sent: list[Any] = []

    async def ask() -> None:
        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope: Scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/chat/completions",
            "headers": [],
            "client": client,
        }
        await layer(scope, receive, send)

    asyncio.run(ask())
    return sent[0]["status"], json.loads(sent[1]["body"])["error"]["code"]


async def nobody(*_: Any) -> None:
    raise AssertionError("the engine was asked")


def test_before_it_serves_nothing_is_served() -> None:
    layer = Layer(nobody, routed(), nobody)  # type: ignore[arg-type]
    assert asked(layer, ("127.0.0.1", 1)) == (503, "unavailable")
