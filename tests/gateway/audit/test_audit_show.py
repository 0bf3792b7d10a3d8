"""The log in words: for people, a line a request."""

from pathlib import Path

from gateway.audit.show import show
from tests.gateway.audit.audit_writing import written
from tests.gateway.canned import Canned
from tests.gateway.running import Running


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
    path.write_bytes(path.read_bytes() + b'nonsense\n{"event":"request"}\n[]\n{"torn')
    assert list(show(path))[1:] == [
        *["(a line that is not a record)"] * 3,
        "(a line that was not finished)",
    ]


def test_what_befell_the_log_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b"torn")
    written(path)
    (line,) = show(path)
    assert line.endswith("repaired  dropped_bytes 4")
