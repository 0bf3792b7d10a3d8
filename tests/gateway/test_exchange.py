"""One request among others: it waits for a slow reader, keeps its connection, and tells no secret."""

import json
import socket
import threading
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.verify import verify
from gateway.protection import Protection
from index.build import build
from index.snapshot import Snapshot
from policy.action import Action
from policy.policy import Policy
from tests.gateway.canned import DONE, Canned, End, Script, chunk, said, stream, whole
from tests.gateway.running import (
    BIOGRAPHY,
    CRANE,
    HOST,
    KEY,
    NOTICE,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)
from tests.gateway.served import until

BODY = b'{"model": "demo", "stream": true, "messages": [{"role": "user", "content": "Hello!"}]}'
HELLO = (
    b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n%s" % (len(BODY), BODY)
)


def test_a_slow_reader_slows_the_model_server(canned: Canned, strict: Running) -> None:
    """What a client does not read is not read from the model server either: memory stays bounded."""
    canned.play(stream(*(chunk({"content": "word " * 20_000}) for _ in range(400))))
    with socket.create_connection((HOST, strict.port)) as line:
        line.sendall(HELLO)
        time.sleep(1.5)
        assert canned.sent < 300
    assert canned.left.wait(60)


def test_a_connection_is_used_again_after_a_stream(canned: Canned, tmp_path: Path) -> None:
    """There may be one alone, so that the next stream waits until the last one has given it back."""
    body = b"".join([*said(["A lamp."]), DONE])
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n" % len(body)
    upstream = {"base_url": canned.base_url, "connections": 1}
    config, ports = config_for(canned.base_url, tmp_path / "audit.jsonl", upstream=upstream), set()
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        for _ in range(5):
            canned.play(Script((head + body,), raw=True))
            assert gateway.chat(stream=True).text() == "A lamp."
            ports.add(canned.last.headers["from"])
    assert len(ports) == 1


@pytest.mark.parametrize(("drops", "status"), [(1, 200), (2, 502)])
def test_a_connection_that_was_closed_between_requests_is_opened_again(
    drops: int, status: int, canned: Canned, strict: Running
) -> None:
    canned.play(stream(*said(["A lamp."]), DONE))
    canned.drops = drops
    assert strict.chat(stream=True).status == status
    assert canned.drops == 0


def test_many_streams_at_a_time_do_not_mix(canned: Canned, strict: Running) -> None:
    canned.play(stream(*said(["The lamp ", "of ", "Alden ", "Crane ", "and more."]), DONE, pause_s=0.01))
    with ThreadPoolExecutor(40) as pool:
        asked = [
            pool.submit(strict.chat, question, stream=True)
            for _ in range(20)
            for question in ("Hello!", "Who is Alden Crane?")
        ]
        texts = {one.result().text() for one in asked}
    assert texts == {NOTICE, f"The lamp of {NOTICE} and more."}
    assert len(canned.asked) == 20
    assert verify(strict.audit).ok


def test_a_gateway_that_is_told_to_end_lets_its_streams_go(canned: Canned, tmp_path: Path) -> None:
    canned.play(stream(chunk({"content": "A lamp. "}), end=End.SILENT))
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", upstream={"base_url": canned.base_url})
    protection = protection_of(policy_of(), tmp_path / "snapshot")
    with ExitStack() as stack, running(config, protection) as gateway:
        line = stack.enter_context(socket.create_connection((HOST, gateway.port), timeout=60))
        line.sendall(HELLO)
        heard = b""
        while b"lamp" not in heard:
            heard += line.recv(4096)
    assert canned.left.wait(60)
    assert gateway.records()[-1]["error"] == "shutting_down"


def test_too_many_requests_at_a_time_are_told_to_wait(canned: Canned, tmp_path: Path) -> None:
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", limits={"requests": 1, "queue": 0})
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        over = threading.Event()
        canned.play(stream(*said(["A "]), DONE, gate=over))
        first = threading.Thread(target=lambda: gateway.chat(stream=True))
        first.start()
        until(lambda: canned.asked)
        answered = gateway.chat()
        assert (answered.status, answered.error["code"]) == (503, "overloaded")
        assert answered.headers["retry-after"] == "1"
        over.set()
        first.join(120)
        canned.play(stream(*said(["Yes."]), DONE))
        # Its place is free just after its last byte.
        until(lambda: (answered := gateway.chat(stream=True)).status == 200 and answered.text() == "Yes.")


def test_a_request_of_many_choices_and_a_long_prompt_goes_through(canned: Canned, strict: Running) -> None:
    """Long texts are scanned and guarded in a thread; the result is the same."""
    long = "The lamp turns slowly, and every tower has a rhythm. " * 2000
    message = {"role": "assistant", "content": long}
    choices = [{"index": index, "message": message, "finish_reason": "stop"} for index in range(3)]
    canned.play(whole({"choices": choices}))
    answered = strict.chat(long, n=3)
    assert [one["message"]["content"] for one in answered.json["choices"]] == [long] * 3
    message["content"] = f"{long} {BIOGRAPHY} {long}"
    canned.play(whole({"choices": choices}))
    for one in strict.chat(long, n=3).json["choices"]:
        assert "Port Vellum" not in one["message"]["content"]
        assert NOTICE in one["message"]["content"]
    assert strict.chat(f"{long} {BIOGRAPHY}").json["choices"][0]["message"]["content"] == NOTICE


def told(gateway: Running, question: str, streamed: bool) -> list[Any]:
    """All that the client sees, but ids and times."""
    answered = gateway.chat(question, stream=streamed)
    events = answered.chunks if streamed else [answered.json]
    own = ("id", "created")
    return [{name: value for name, value in event.items() if name not in own} for event in events]


@pytest.mark.parametrize("streamed", [True, False])
def test_another_value_in_place_of_a_secret_changes_nothing(
    streamed: bool, canned: Canned, strict: Running
) -> None:
    """No oracle: with the subject present, a right guess and a wrong one get the same answer."""
    canned.play(stream(*said(["Yes."]), DONE))
    right = told(strict, "Is the number of Alden Crane 555-201-3391?", streamed)
    wrong = told(strict, "Is the number of Alden Crane 555-874-1120?", streamed)
    assert right == wrong
    assert canned.asked == []


def test_a_message_that_was_cut_over_turns_is_one(canned: Canned, strict: Running) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    pieces = [BIOGRAPHY.split(". ")[1][:30], BIOGRAPHY.split(". ")[1][30:]]
    messages = [
        {"role": "tool", "content": pieces[0], "tool_call_id": "call_1"},
        {"role": "tool", "content": pieces[1], "tool_call_id": "call_2"},
        {"role": "user", "content": "Go on."},
    ]
    body = json.dumps({"model": "demo", "stream": True, "messages": messages}).encode()
    assert strict.post(body).text() == NOTICE
    assert canned.asked == []


def test_what_the_conversation_supplied_is_answered_where_that_is_allowed(
    canned: Canned, tmp_path: Path
) -> None:
    """Allowed in the prompt, withheld from memory: the answer repeats what it was told and nothing else."""
    policy = policy_of(CRANE, prompt=Action.ALLOW, answer=Action.REFUSE)
    with running(
        config_for(canned.base_url, tmp_path / "audit.jsonl"), protection_of(policy, tmp_path / "snapshot")
    ) as gateway:
        canned.play(stream(*said(["The number of ", "Alden Crane ", "is 555-201-3391."]), DONE))
        told_all = gateway.chat("Note: Alden Crane has the number 555-201-3391. Which number?", stream=True)
        assert told_all.text() == "The number of Alden Crane is 555-201-3391."
        told_name = gateway.chat("Which number has Alden Crane?", stream=True)
        assert "3391" not in told_name.text()
        assert gateway.records()[-1]["findings"][-1]["provenance"] == "parametric"


def test_a_snapshot_of_another_policy_does_not_serve(tmp_path: Path) -> None:
    policy = policy_of(CRANE)
    build(policy, tmp_path, KEY)
    other = Policy(policy.entries[1:], policy.digest, policy.rules, policy.verbatim, None, policy.notice)
    with pytest.raises(ValueError, match="another policy"):
        Protection(other, Snapshot.load(tmp_path, KEY), None, 5)


def test_an_error_inside_ends_the_answer_closed(
    canned: Canned, strict: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever breaks, and wherever: held text stays, and no message of the error is told or logged."""

    def broken(*_: object) -> None:
        raise RuntimeError("Alden Crane")

    for place in ("filters.text_guard.TextGuard.feed", "filters.text_guard.TextGuard.finish"):
        with monkeypatch.context() as patch:
            patch.setattr(place, broken)
            canned.play(stream(*said(["A lamp. ", "More"]), DONE))
            answered = strict.chat(stream=True)
            error = answered.json if answered.status == 500 else answered.events[-2]
            assert error["error"]["code"] == "internal"
            assert b"Alden" not in answered.body
    with monkeypatch.context() as patch:
        patch.setattr("filters.prompt.PromptScanner.scan", broken)
        canned.play(stream(*said(["A lamp."]), DONE))
        assert strict.chat().status == 500
        assert canned.asked == []
    assert "RuntimeError" in caplog.text
    assert "Alden" not in caplog.text


def test_a_prompt_that_cannot_be_read_whole_gets_the_notice(
    canned: Canned, strict: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filters.codecs.readings.MOST_FOR_EACH", 1)
    monkeypatch.setattr("filters.codecs.readings.MOST_ANYWAY", 0)
    coded = b64encode(b64encode(b"alder trees in a craned garden, " * 9)).decode()
    refused, withheld = strict.chat(coded), strict.chat("Who is Alden Crane?")
    assert refused.status == withheld.status == 200
    assert refused.json["choices"] == withheld.json["choices"]
    assert [record["unread"] for record in strict.records()[-2:]] == [True, False]


def test_the_audit_log_says_in_which_code_something_was_found(strict: Running) -> None:
    for name, view in (("Alden Crane", None), (b64encode(b"Alden Crane").decode(), "base64")):
        strict.chat(f"Who is {name}?")
        assert {one["view"] for one in strict.records()[-1]["findings"]} == {view}


ALIASED = {"chat": "llama-70b", "fast": "llama-70b", "other": "mistral"}


@pytest.mark.parametrize(
    ("pattern", "asked", "bound"),
    [
        ("chat", "chat", True),
        ("chat", "fast", True),
        ("llama-*", "fast", True),
        ("llama-*", "other", False),
        ("fast", "other", False),
    ],
)
def test_an_entry_binds_a_model_by_any_of_its_names(
    canned: Canned, tmp_path: Path, pattern: str, asked: str, bound: bool
) -> None:
    """Neither an alias nor the model server's own name is a way around it."""
    canned.play(stream(*said(["Alden ", "Crane, I believe."]), DONE))
    policy = policy_of(replace(CRANE, models=(pattern,)), prompt=Action.ALLOW)
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", models=ALIASED)
    with running(config, protection_of(policy, tmp_path / "snapshot")) as gateway:
        answered = gateway.chat("Who is it?", model=asked, stream=True)
    assert ("Alden Crane" not in answered.text()) is bound
