"""Operators say what was wrong with a decision; the log keeps it as a number's worth and no text."""

import json

import pytest

from gateway.audit.verify import verify
from tests.gateway.canned import Canned
from tests.gateway.running import Answered, Running
from tests.gateway.test_keys import locked

__all__ = ["locked"]
REQUEST = "req_0123456789abcdef01234567"


def say(gateway: Running, body: bytes, key: str = "second", kind: str = "application/json") -> Answered:
    headers = {"Content-Type": kind, "Authorization": f"Bearer {key}"}
    return gateway.ask("POST", "/unsay/feedback", body, headers)


@pytest.mark.parametrize("kind", ["false_alarm", "missed"])
def test_an_operator_is_heard(kind: str, locked: Running) -> None:
    heard = say(locked, json.dumps({"request": REQUEST, "kind": kind}).encode())
    assert (heard.status, heard.json) == (200, {"recorded": True})
    record = locked.records()[-1]
    assert (record["event"], record["request"], record["kind"]) == ("feedback", REQUEST, kind)
    assert verify(locked.audit).ok


def test_others_are_not(canned: Canned, locked: Running) -> None:
    lines = len(locked.records())
    body = json.dumps({"request": REQUEST, "kind": "missed"}).encode()
    assert say(locked, body, "first").status == 403
    assert say(locked, body, "third").status == 401
    assert len(locked.records()) == lines


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"request": "req_1"}',
        b'{"request": "Alden Crane", "kind": "missed"}',
        b'{"request": "req_1", "kind": "Alden Crane"}',
        b'{"request": "req_1", "kind": "missed", "text": "Alden Crane"}',
        b'{"request": "req_1", "request": "req_2", "kind": "missed"}',
        b'{"request": "req_' + b"1" * 100 + b'", "kind": "missed"}',
    ],
)
def test_anything_else_is_told_without_a_word_of_it_and_not_kept(body: bytes, locked: Running) -> None:
    lines = len(locked.records())
    told = say(locked, body)
    assert told.status == 400
    assert "Alden" not in told.body.decode()
    assert len(locked.records()) == lines


def test_a_web_page_without_json_is_not_heard(locked: Running) -> None:
    assert say(locked, b'{"request": "req_1", "kind": "missed"}', kind="text/plain").status == 415


def test_what_cannot_be_kept_is_not_said_to_be(locked: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("gateway.audit.log.AuditLog._write_now", lambda *_: False)
    monkeypatch.setattr("gateway.audit.file.AuditFile.append", broken)
    assert say(locked, json.dumps({"request": REQUEST, "kind": "missed"}).encode()).status == 503
