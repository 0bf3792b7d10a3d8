"""Whatever the model server does, the client gets an answer or a clear error, and nothing unscanned."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.canned import DONE, Canned, End, Script, chunk, said, stream, whole
from tests.gateway.running import HOST, Answered, Running, config_for, policy_of, protection_of, running
from tests.gateway.served import until

HELD = "Alden"


def failed(answered: Answered, code: str) -> bool:
    """Ended by an error in the API's shape: as the answer, or as the last event of a stream."""
    if answered.body.startswith(b"data:"):
        return bool(answered.events[-1] == "[DONE]" and answered.events[-2]["error"]["code"] == code)
    return answered.status >= 500 and bool(answered.error["code"] == code)


def message(content: object) -> dict[str, Any]:
    return {
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        ]
    }


BROKEN: dict[str, tuple[Script, bool, str]] = {
    "garbage as event": (stream(chunk({"content": "A"}), b"data: {nonsense\n\n"), True, "upstream_invalid"),
    "a list as event": (stream(b"data: []\n\n", DONE), True, "upstream_invalid"),
    "choices of the wrong kind": (stream(b'data: {"choices": 5}\n\n', DONE), True, "upstream_invalid"),
    "a number as text": (stream(chunk({"content": 5}), DONE), True, "upstream_invalid"),
    "a choice that was not asked for": (
        stream(chunk({"content": "A"}, choice=1), DONE),
        True,
        "upstream_invalid",
    ),
    "a truth as index": (
        stream(b'data: {"choices": [{"index": true, "delta": {}}]}\n\n', DONE),
        True,
        "upstream_invalid",
    ),
    "text after the end": (stream(*said(["A."]), chunk({"content": "B"}), DONE), True, "upstream_invalid"),
    "a tool call out of range": (
        stream(chunk({"tool_calls": [{"index": 500}]}), DONE),
        True,
        "upstream_invalid",
    ),
    "a name that changes": (
        stream(
            *(chunk({"tool_calls": [{"index": 0, "function": {"name": name}}]}) for name in ("a", "b")), DONE
        ),
        True,
        "upstream_invalid",
    ),
    "an end that is an error": (stream(chunk({}, "error"), DONE), True, "upstream_invalid"),
    "an event that never ends": (stream(b"data: " + b"x" * (2 * 2**20)), True, "upstream_invalid"),
    "a stream that is no stream": (whole(message("A")), True, "upstream_invalid"),
    "closed in the middle": (stream(chunk({"content": "A"}), end=End.CUT), True, "upstream_incomplete"),
    "over before its end": (stream(chunk({"content": "A"})), True, "upstream_incomplete"),
    "done before its end": (stream(chunk({"content": "A"}), DONE), True, "upstream_incomplete"),
    "nothing at all": (stream(), True, "upstream_incomplete"),
    "an error in the middle": (
        stream(
            chunk({"content": "A"}), b'data: {"error": {"message": "out of memory", "code": 500}}\n\n', DONE
        ),
        True,
        "upstream_error",
    ),
    "compressed": (
        Script((b"\x1f\x8b",), 200, "application/json", headers=(("content-encoding", "gzip"),)),
        False,
        "upstream_invalid",
    ),
    "a whole answer that is garbage": (Script((b"<html>",), 200, "text/html"), False, "upstream_invalid"),
    "a whole answer cut short": (
        Script((b'{"choi',), 200, "application/json", end=End.CUT),
        False,
        "upstream_incomplete",
    ),
    "a whole answer without choices": (whole({"choices": []}), False, "upstream_invalid"),
    "a choice that came twice": (whole({"choices": message("A")["choices"] * 2}), False, "upstream_invalid"),
    "a redirection": (
        Script((), 302, headers=(("location", "http://127.0.0.1:1/"),)),
        False,
        "upstream_invalid",
    ),
    "credentials refused": (whole({"error": {"message": "who are you"}}, 401), False, "upstream_invalid"),
}


@pytest.mark.parametrize(("script", "streamed", "code"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_ends_in_a_clear_error(
    script: Script, streamed: bool, code: str, canned: Canned, strict: Running
) -> None:
    canned.play(script)
    answered = strict.chat(stream=streamed)
    assert failed(answered, code)
    assert strict.records()[-1]["outcome"] == "failed"


ERRORS = [
    (400, 400),
    (404, 404),
    (413, 413),
    (422, 422),
    (429, 429),
    (500, 500),
    (503, 503),
    (418, 502),
    (301, 502),
]


@pytest.mark.parametrize(("status", "told"), ERRORS)
def test_an_error_status_is_passed_on(status: int, told: int, canned: Canned, strict: Running) -> None:
    canned.play(whole({"error": {"message": "temperature is too high", "type": "x", "code": 1}}, status))
    answered = strict.chat(stream=True)
    assert answered.status == told
    assert set(answered.error) == {"message", "type", "param", "code"}
    assert ("temperature" in answered.error["message"]) == (status == told != 404)


SHAPES = [
    {"error": {"message": "Alden Crane is too long"}},
    {"error": "Alden Crane"},
    {"message": "Alden Crane"},
    {"detail": "Unexpected fields: Alden Crane"},
    {"detail": [{"input": "Alden Crane"}]},
    ["Alden Crane"],
    "Alden Crane",
]


@pytest.mark.parametrize("body", SHAPES, ids=json.dumps)
def test_an_error_does_not_repeat_what_is_forgotten(body: Any, canned: Canned, strict: Running) -> None:
    canned.play(whole(body, 400))
    answered = strict.chat()
    assert answered.status == 400
    assert b"Alden" not in answered.body


def test_an_error_in_a_stream_does_not_repeat_what_is_forgotten(canned: Canned, strict: Running) -> None:
    canned.play(stream(b'data: {"error": {"message": "Alden Crane"}}\n\n', DONE))
    answered = strict.chat(stream=True)
    assert b"Alden" not in answered.body
    assert answered.status == 502


def test_held_text_is_not_sent_when_the_answer_fails(canned: Canned, strict: Running) -> None:
    canned.play(stream(chunk({"content": f"A lamp. {HELD}"}), b"data: nonsense\n\n"))
    answered = strict.chat(stream=True)
    assert answered.text() == "A lamp. "
    assert HELD.encode() not in answered.body


def test_held_text_is_sent_when_the_answer_ends_well(canned: Canned, strict: Running) -> None:
    canned.play(stream(*said([f"A lamp. {HELD}"]), DONE))
    assert strict.chat(stream=True).text() == f"A lamp. {HELD}"


def test_a_retry_hint_is_passed_on(canned: Canned, strict: Running) -> None:
    canned.play(Script((b"{}",), 429, "application/json", headers=(("retry-after", "7"),)))
    assert strict.chat().headers["retry-after"] == "7"


@pytest.fixture
def nowhere() -> Iterator[int]:
    """A port that nobody listens on, and that nobody else can take."""
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        yield bound.getsockname()[1]


def test_a_model_server_that_is_down_is_told(nowhere: int, tmp_path: Path) -> None:
    config = config_for(f"http://{HOST}:{nowhere}/v1", tmp_path / "audit.jsonl")
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        for streamed in (True, False):
            answered = gateway.chat(stream=streamed)
            assert (answered.status, answered.error["code"]) == (502, "upstream_unreachable")
        assert gateway.ask("GET", "/readyz").status == 503
        assert gateway.ask("GET", "/healthz").status == 200


def test_names_cannot_be_asked_of_a_model_server_that_is_down(nowhere: int, tmp_path: Path) -> None:
    config = config_for(f"http://{HOST}:{nowhere}/v1", tmp_path / "audit.jsonl", models={})
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        assert gateway.chat().status == 502
        assert gateway.ask("GET", "/v1/models").status == 502


def test_a_model_server_that_falls_silent_is_told(canned: Canned, tmp_path: Path) -> None:
    upstream = {"base_url": canned.base_url, "idle_timeout_s": 1}
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", upstream=upstream)
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        canned.play(stream(chunk({"content": "A"}), end=End.SILENT))
        assert failed(gateway.chat(stream=True), "upstream_timeout")
        assert gateway.records()[-1]["outcome"] == "failed"
        assert canned.left.wait(60), "the model server is let go"


def test_an_answer_has_its_time(canned: Canned, tmp_path: Path) -> None:
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", limits={"answer_s": 1.0})
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        canned.play(stream(*(chunk({"content": "A "}) for _ in range(10_000)), pause_s=0.05))
        assert failed(gateway.chat(stream=True), "upstream_timeout")
        assert canned.left.wait(60), "the model server is let go"


def test_a_whole_answer_has_its_size(canned: Canned, tmp_path: Path) -> None:
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", limits={"answer_bytes": 2000})
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        canned.play(whole(message("A" * 3000)))
        assert failed(gateway.chat(), "upstream_invalid")


def test_a_proxy_of_the_environment_is_ignored(
    canned: Canned, nowhere: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{HOST}:{nowhere}")
    with running(
        config_for(canned.base_url, tmp_path / "audit.jsonl"),
        protection_of(policy_of(), tmp_path / "snapshot"),
    ) as gateway:
        canned.play(stream(*said(["Yes."]), DONE))
        assert gateway.chat(stream=True).text() == "Yes."


def leave(gateway: Running, canned: Canned, body: dict[str, Any], after: bytes = b"") -> None:
    """Ask, wait until the model server was asked and something was said, and go."""
    raw = json.dumps({"model": "demo", "messages": [{"role": "user", "content": "Hello!"}], **body}).encode()
    head = ["POST /v1/chat/completions HTTP/1.1", "host: x", "content-type: application/json"]
    head += [f"content-length: {len(raw)}", "", ""]
    with socket.create_connection((HOST, gateway.port)) as line:
        line.sendall("\r\n".join(head).encode() + raw)
        heard = b""
        while after not in heard:
            heard += line.recv(4096)
        until(lambda: canned.asked)


def test_a_client_that_leaves_in_the_middle_ends_the_request(canned: Canned, strict: Running) -> None:
    canned.play(stream(*(chunk({"content": "word "}) for _ in range(1000)), pause_s=0.01))
    leave(strict, canned, {"stream": True}, b"word")
    assert canned.left.wait(60)
    assert canned.sent < 1000


def test_a_client_that_leaves_while_the_model_server_is_silent_ends_the_request(
    canned: Canned, strict: Running
) -> None:
    canned.play(stream(chunk({"content": "word "}), end=End.SILENT))
    leave(strict, canned, {"stream": True}, b"word")
    assert canned.left.wait(60)
    assert wait_for_record(strict)["outcome"] == "left"


def test_a_client_that_leaves_before_a_whole_answer_ends_the_request(canned: Canned, strict: Running) -> None:
    canned.play(Script((b"{",), 200, "application/json", end=End.SILENT))
    leave(strict, canned, {})
    assert canned.left.wait(60)
    assert wait_for_record(strict)["outcome"] == "left"


def wait_for_record(gateway: Running, outcome: str = "left") -> Any:
    until(lambda: gateway.records()[-1]["outcome"] == outcome)
    return gateway.records()[-1]


def test_an_answer_that_was_stopped_ends_the_request(canned: Canned, ending: Running) -> None:
    """Nothing more is generated for an answer that nobody will see."""
    canned.play(
        stream(
            chunk({"content": "It is Alden Crane. "}),
            *(chunk({"content": "word "}) for _ in range(1000)),
            pause_s=0.01,
        )
    )
    answered = ending.chat(stream=True)
    assert answered.events[-1] == "[DONE]"
    assert canned.left.wait(60)
    assert canned.sent < 1000


def test_what_comes_after_a_stop_is_swallowed(canned: Canned, ending: Running) -> None:
    """One of two choices is stopped; the other goes on to its end."""
    canned.play(
        stream(
            chunk({"content": "Here is Alden Crane, "}, choice=0),
            chunk({"content": "A lamp "}, choice=1),
            chunk({"content": "more of him. "}, choice=0),
            chunk({"content": "turns."}, choice=1),
            chunk({}, "stop", choice=0),
            chunk({}, "length", choice=1),
            DONE,
        )
    )
    answered = ending.chat(stream=True, n=2)
    assert answered.text(choice=0) == "Here is I don't have any information about that."
    assert answered.text(choice=1) == "A lamp turns."
    assert (answered.finishes(0), answered.finishes(1)) == (["stop"], ["length"])
