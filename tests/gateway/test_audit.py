"""The audit log says what was done, keeps its chain through crashes, and never a text."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.audit import FIRST, AuditError, AuditLog, show, verify
from tests.gateway.canned import DONE, Canned, said, stream, whole
from tests.gateway.running import CRANE, Running, config_for, policy_of, protection_of, running

Change = Callable[[list[bytes]], list[bytes]]

ROOT = Path(__file__).resolve().parents[2]


def written(path: Path, *numbers: int) -> None:
    log = AuditLog(path)
    for number in numbers:
        log.record({"at": 0.0, "event": "request", "number": number}).result(5)
    log.close()


def test_every_line_follows_from_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path, 1, 2)
    written(path, 3)
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert [line["sequence"] for line in lines] == [0, 1, 2]
    assert lines[0]["previous"] == FIRST
    checked = verify(path)
    assert checked.ok
    assert checked.lines == 3
    assert checked.head in str(checked)


TAMPERED: dict[str, Change] = {
    "a changed line": lambda lines: [lines[0], lines[1].replace(b'"number":2', b'"number":9'), lines[2]],
    "a line taken out": lambda lines: [lines[0], lines[2]],
    "a line put in": lambda lines: [lines[0], lines[0], *lines[1:]],
    "lines changed about": lambda lines: [lines[0], lines[2], lines[1]],
    "a first line taken out": lambda lines: lines[1:],
    "a line that is no JSON": lambda lines: [lines[0], b"nonsense\n", *lines[1:]],
    "a line that is no record": lambda lines: [lines[0], b"[]\n", *lines[1:]],
    "an end that is missing": lambda lines: [*lines[:2], lines[2][:-1]],
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED.keys())
def test_tampering_shows(change: Change, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path, 1, 2, 3)
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    checked = verify(path)
    assert not checked.ok
    assert checked.problem is not None
    assert checked.problem.startswith("line ")


def test_an_old_head_shows_that_the_log_was_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path, 1, 2, 3)
    head = verify(path).head
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    assert verify(path).ok, "the chain alone cannot show it"
    assert verify(path).head != head


@pytest.mark.parametrize("tail", [b'{"sequence":2,"prev', b"\x00" * 5000, b"x" * 200_000])
def test_a_torn_tail_is_cut_off_and_told(tail: bytes, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path, 1, 2)
    with path.open("ab") as file:
        file.write(tail)
    log = AuditLog(path)
    assert log.repaired == len(tail)
    log.close()
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert lines[-1]["event"] == "repaired"
    assert lines[-1]["dropped_bytes"] == len(tail)
    assert verify(path).ok


def test_a_log_that_is_all_torn_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b'{"sequence":0')
    AuditLog(path).close()
    assert verify(path).ok


def test_a_last_line_that_is_no_record_is_told(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b"something else\n")
    with pytest.raises(AuditError, match="not a record"):
        AuditLog(path)
    assert path.read_bytes() == b"something else\n"


def test_two_gateways_cannot_write_one_log(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.jsonl")
    with pytest.raises(AuditError, match="in use"):
        AuditLog(tmp_path / "audit.jsonl")
    log.close()


def test_a_log_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    with pytest.raises(AuditError, match="cannot be opened"):
        AuditLog(tmp_path / "audit.jsonl")


def test_the_log_is_the_operators_alone(tmp_path: Path) -> None:
    written(tmp_path / "audit.jsonl", 1)
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o077 == 0


def test_many_writers_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path)

    def write() -> None:
        for number in range(200):
            log.record({"at": 0.0, "event": "request", "number": number}).result(5)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    assert verify(path).ok
    assert verify(path).lines == 1600


def test_what_is_written_reaches_the_disk_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[float] = []
    real = os.fsync

    def sync(file: int) -> None:
        synced.append(time.monotonic())
        real(file)

    monkeypatch.setattr("gateway.audit.os.fsync", sync)
    log = AuditLog(tmp_path / "audit.jsonl", sync_s=0.05)
    began = time.monotonic()
    for number in range(100):
        log.record({"at": 0.0, "event": "request", "number": number}).result(5)
    took = time.monotonic() - began
    log.close()
    assert synced
    assert synced[0] - began < 0.5
    assert len(synced) <= took / 0.05 + 2, "syncs are grouped"


def test_a_dead_writer_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = AuditLog(tmp_path / "audit.jsonl")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gateway.audit.os.write", full)
    with pytest.raises(AuditError, match="cannot be written"):
        log.record({"at": 0.0, "event": "request"}).result(5)
    assert not log.alive
    with pytest.raises(AuditError):
        log.record({"at": 0.0, "event": "request"}).result(5)
    log.close()


def test_a_line_that_comes_as_the_writer_dies_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for a line must learn of it, or the request would hang."""
    log = AuditLog(tmp_path / "audit.jsonl")
    put = log._lines.put

    def die_first(line: object) -> None:
        monkeypatch.setattr(log, "_dead", "dead")
        put(None)
        log._thread.join()
        put(line)  # type: ignore[arg-type]

    monkeypatch.setattr(log, "_lines", SimpleNamespace(put=die_first, get_nowait=log._lines.get_nowait))
    with pytest.raises(AuditError, match="dead"):
        log.record({"at": 0.0, "event": "request"}).result(5)


def test_nothing_is_served_without_a_record(
    canned: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_for(canned.base_url, tmp_path / "audit.jsonl")
    with running(config, protection_of(policy_of(CRANE), tmp_path / "snapshot")) as gateway:
        canned.play(
            whole({"choices": [{"index": 0, "message": {"content": "A lamp."}, "finish_reason": "stop"}]})
        )
        assert gateway.chat().status == 200

        def full(*_: object) -> int:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("gateway.audit.os.write", full)
        assert gateway.chat().status == 503, "the answer was there, but it could not be recorded"
        for question in ("Hello!", "Who is Alden Crane?"):
            answered = gateway.chat(question)
            assert (answered.status, answered.error["code"]) == (503, "unavailable")
            assert b"lamp" not in answered.body
        assert len(canned.asked) == 2, "once dead, the model server is not even asked"
        assert gateway.ask("GET", "/readyz").json["checks"] == {"audit": False, "upstream": True}


def test_a_stream_whose_record_fails_does_not_end_well(
    canned: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_for(canned.base_url, tmp_path / "audit.jsonl")
    with running(config, protection_of(policy_of(CRANE), tmp_path / "snapshot")) as gateway:
        monkeypatch.setattr("gateway.audit.os.write", lambda *_: 1 // 0)
        canned.play(stream(*said(["A lamp."]), DONE))
        assert gateway.chat(stream=True).events[-2]["error"]["code"] == "unavailable"


WRITER = """
import sys, os, signal
from pathlib import Path
from types import SimpleNamespace
from gateway.audit import AuditLog
log = AuditLog(Path(sys.argv[1]))
for number in range(50):
    log.record({"at": 0.0, "event": "request", "number": number}).result(5)
    print(number, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_loses_no_record_that_it_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    ran = subprocess.run(
        [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == -9
    assert len(ran.stdout.split()) == 50
    checked = verify(path)
    assert checked.ok
    assert checked.lines == 50


def test_a_record_is_written_before_the_answer_ends(canned: Canned, strict: Running) -> None:
    """Whoever has the last byte can look the request up."""
    for fields in ({}, {"stream": True}):
        canned.play(
            stream(*said(["A lamp."]), DONE) if fields else whole({"choices": [{"index": 0, "message": {}}]})
        )
        for question in ("Hello!", "Who is Alden Crane?"):
            answered = strict.chat(question, **fields)
            assert answered.headers["x-request-id"] in {record["request"] for record in strict.records()}


def test_the_log_holds_no_text(canned: Canned, strict: Running) -> None:
    canned.play(stream(*said(["Alden Crane was born in Port Vellum."]), DONE))
    strict.chat("Hello! My zebra is called Quagmire.", stream=True)
    strict.chat("Who is Alden Crane, born in Port Vellum, 555-201-3391?")
    strict.chat("Quagmire", model="Quagmire", stop=["Quagmire"], user="Quagmire")
    strict.post(b'{"Quagmire": "Quagmire"}')
    text = strict.audit.read_text()
    for word in ("Alden", "Crane", "Vellum", "3391", "Quagmire", "zebra", "don't"):
        assert word not in text
    assert verify(strict.audit).ok


def test_a_record_says_what_was_found_and_done(canned: Canned, strict: Running) -> None:
    strict.chat("Tell me. Who is Alden Crane?")
    record = strict.records()[-1]
    assert (record["outcome"], record["status"], record["model"], record["generation"]) == (
        "refused",
        200,
        "demo",
        1,
    )
    assert len(record["policy"]) == 64
    assert record["policy"] != "0" * 64, "the bare digest would let a reader try short secrets"
    assert record["findings"] == [
        {
            "surface": "prompt",
            "role": "user",
            "message": 0,
            "entry": "crane",
            "detector": "name",
            "start": 16,
            "end": 27,
            "score": 1.0,
            "action": "refuse",
            "provenance": "in_context",
        }
    ]
    canned.play(stream(*said(["It was Alden ", "Crane."]), DONE))
    strict.chat("Who?", stream=True)
    found = strict.records()[-1]["findings"][0]
    assert (found["surface"], found["choice"], found["entry"], found["action"]) == (
        "content",
        0,
        "crane",
        "redact",
    )
    assert (found["start"], found["end"]) == (7, 18)


def test_the_log_is_shown_in_words(canned: Canned, strict: Running) -> None:
    asked = strict.chat("Who is Alden Crane? Alden Crane!").headers["x-request-id"]
    (line,) = show(strict.audit, asked)
    assert asked in line
    assert "refused" in line
    assert "prompt/user: refuse crane (name) x" in line
    assert len(list(show(strict.audit))) == len(strict.records())


def test_a_line_that_is_no_record_is_shown_as_none(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path, 1)
    path.write_bytes(path.read_bytes() + b'nonsense\n{"event":"request"}\n[]\n')
    assert list(show(path))[1:] == ["(a line that is not a record)"] * 3
