"""`unsay audit` says whether a log is what was written, where not, and how far it is with a long one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.file import AuditFile
from index.ledger.act import Add
from index.ledger.keys import Keys
from index.ledger.ledger import Ledger
from policy.entry import Entry
from policy.signing_key import SigningKey
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


KEY = SigningKey(bytes(range(32)))


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    opened = Ledger.open(tmp_path / "ledger.sqlite", Keys(b"an index key of 32 bytes for it.", KEY))
    opened.commit(Add(Entry("heron", passages=("one two three four",)), "ann"))
    opened.close()
    return tmp_path / "ledger.sqlite"


def test_a_ledger_and_a_log_are_checked_together(path: Path, ledger: Path) -> None:
    ended = audit("verify", path, "--ledger", ledger)
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert f"{ledger}: 2 records of 1 requests follow from one another" in ended.stdout
    assert "3 lines follow from one another" in ended.stdout


def test_an_exported_ledger_is_checked_like_the_ledger(ledger: Path, tmp_path: Path) -> None:
    out = tmp_path / "records.jsonl"
    assert audit("export", ledger, out).exit_code == 0
    said = audit("verify", "--ledger", out, "--key", str(KEY.public))
    assert (said.exit_code, said.stderr) == (0, "")
    head = said.stdout.split("head ")[1].strip()
    out.write_bytes(out.read_bytes().splitlines(keepends=True)[0])
    assert audit("verify", "--ledger", out).exit_code == 0
    cut = audit("verify", "--ledger", out, "--ledger-head", head)
    assert cut.exit_code == 2
    assert cut.stdout.startswith(f"{out}: expected a record with the digest {head}, found none")
    assert cut.stderr == "The ledger is not what was written.\n"


def test_an_export_replaces_no_file(ledger: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    ended = audit("export", ledger, tmp_path / "kept")
    assert (ended.exit_code, (tmp_path / "kept").read_text()) == (2, "kept")


def test_a_log_that_a_key_did_not_sign_is_refused(path: Path) -> None:
    ended = audit("verify", path, "--key", str(KEY.public))
    assert ended.exit_code == 2
    assert f"{path}: expected a signature of {KEY.public.id}, found none in 3 lines" in ended.stdout
    assert audit("verify", path, "--key", "no key").exit_code == 2


def test_something_must_be_checked() -> None:
    assert audit("verify").exit_code == 2


def test_a_ledger_that_is_not_there_is_told(tmp_path: Path) -> None:
    ended = audit("verify", "--ledger", tmp_path / "none.sqlite")
    assert ended.exit_code == 2
    assert f"{tmp_path / 'none.sqlite'}: expected a ledger, found none" in ended.stdout
    assert not (tmp_path / "none.sqlite").exists()
    assert audit("verify", "--ledger", "postgresql://ann@127.0.0.1:1/none").exit_code == 2
