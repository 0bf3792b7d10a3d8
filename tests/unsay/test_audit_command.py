"""`unsay audit` says whether a log is what was written, where not, and how far it is with a long one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.file import AuditFile
from unsay.audit_command import app

REQUEST = (
    b'{"event":"request","at":0,"request":"req_%d","status":200,"outcome":"answered","model":"demo",'
    b'"key":null,"findings":[]}'
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = AuditFile(tmp_path / "audit.jsonl")
    file.append([REQUEST % number for number in range(3)])
    file.close()
    return tmp_path / "audit.jsonl"


def audit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_a_whole_log_is_said_to_be_one(path: Path) -> None:
    ended = audit("verify", path)
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout.startswith("3 lines follow from one another; head ")


def test_a_changed_log_is_told_with_the_place(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"req_1", b"req_7"))
    ended = audit("verify", path)
    assert ended.exit_code == 2
    assert f"{path}: line 3 at byte " in ended.stdout
    assert ended.stderr == "The log is not what was written.\n"


def test_a_line_that_a_crash_tore_is_no_change(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"sequ')
    ended = audit("verify", path)
    assert ended.exit_code == 0
    assert "6 bytes at the end are a line that a crash left unfinished" in ended.stdout


def test_a_log_that_was_moved_is_checked_with_the_newer_one(path: Path) -> None:
    file = AuditFile(path)
    path.rename(path.with_suffix(".1"))
    file.append([REQUEST % 3])
    file.close()
    assert audit("verify", path.with_suffix(".1"), path).stdout.startswith("5 lines follow")
    assert audit("verify", path).exit_code == 0
    assert audit("verify", path, path.with_suffix(".1")).exit_code == 2


def test_a_long_log_tells_how_far_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unsay.audit_command.LONG_BYTES", 1)
    assert audit("verify", path).stderr == "MB checked 0/0\n"


def test_a_log_is_shown_whole_or_one_request_of_it(path: Path) -> None:
    assert len(audit("show", path).stdout.splitlines()) == 3
    one = audit("show", path, "--request", "req_1").stdout
    assert one == "1970-01-01 00:00:00  req_1  200  answered  model demo\n"
