"""The audit log tells which requests were kept from the model, and what it does not tell is not known."""

import asyncio
import json
from pathlib import Path

import pytest

from evaluation.run_audit import AuditLog


def line(request: str, outcome: str, status: int | None = None) -> str:
    record = {"event": "request", "request": request, "outcome": outcome, "upstream_status": status}
    return json.dumps(record) + "\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    path.write_text(line("old", "refused"))
    return path


def asked(audit: AuditLog, *ids: str) -> int | None:
    return asyncio.run(audit.asked(ids))


@pytest.mark.parametrize(
    ("outcome", "status", "came"),
    [
        ("refused", None, 0),
        ("rejected", None, 0),
        ("answered", 200, 1),
        ("withheld", 200, 1),
        ("left", None, 1),
    ],
)
def test_only_what_was_refused_without_the_model_was_kept_from_it(
    log: Path, outcome: str, status: int | None, came: int
) -> None:
    audit = AuditLog(log)
    with log.open("a") as file:
        file.write('{"event": "began"}\n' + line("a", outcome, status) + line("b", "refused"))
    assert asked(audit, "a", "b") == came


def test_what_the_log_does_not_tell_is_not_known(log: Path) -> None:
    audit = AuditLog(log)
    with log.open("a") as file:
        file.write(line("a", "refused") + line("b", "refused")[:-20])
    assert asked(audit, "a", "b") is None
    assert asked(audit, "old") is None
    with log.open("a") as file:
        file.write(line("b", "refused")[-20:])
    assert asked(audit, "a", "b") == 0
