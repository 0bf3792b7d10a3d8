"""The log of a request that is only monitored tells what would have been withheld because of it."""

from pathlib import Path
from typing import Any

import orjson

from gateway.audit.file import AuditFile
from gateway.audit.watched import watched_of


def line(outcome: str, *findings: tuple[str, str, str]) -> bytes:
    listed = [
        {"entry": entry, "surface": surface, "action": action, "detector": "name"}
        for entry, surface, action in findings
    ]
    record: dict[str, Any] = {"event": "monitored", "at": 0, "request": "req_1", "outcome": outcome}
    return orjson.dumps({**record, "findings": listed})


LINES = [
    orjson.dumps({"event": "request", "request": "req_1", "findings": [{"entry": "crane"}]}),
    line("passed"),
    line("refused", ("crane", "prompt", "refuse"), ("crane", "prompt", "redact")),
    line("changed", ("crane", "prompt", "redact")),
    line("withheld", ("crane", "content", "redact")),
    # Another did it.
    line("refused", ("stone", "prompt", "refuse"), ("crane", "prompt", "flag")),
    line("skipped"),
    line("failed"),
]


def test_counted_is_what_the_entry_alone_would_have_withheld(tmp_path: Path) -> None:
    file = AuditFile(tmp_path / "audit.jsonl")
    file.append(LINES)
    file.close()
    with (tmp_path / "audit.jsonl").open("ab") as log:
        log.write(b'{"event":"monitored"\n')
    watched = watched_of([tmp_path / "audit.jsonl"], "crane")
    assert (watched.seen, watched.unseen) == (5, 2)
    assert (watched.refused, watched.prompts, watched.answers) == (1, 1, 1)
    assert (watched.withheld, watched.share) == (3, 0.6)


def test_a_log_without_any_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_bytes(b"")
    assert watched_of([tmp_path / "audit.jsonl"], "crane").share == 0.0
