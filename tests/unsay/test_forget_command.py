"""`unsay forget` as people use it: against SQLite, PostgreSQL and the admin API, and when it says no."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner, Result

from index.ledger.event import MOVES, State
from tests.gateway.admin.office import ENTRY, ROWS, TEXTS, Office, office
from tests.postgres import asked
from unsay.forget_command import InState, Move, app

Forget = Callable[..., Result]
TABLES = ("records", "sources", "segments", "reports", "schema")


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A folder as an operator's, who works in it."""
    made = office(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNSAY_INDEX_KEY", bytes(range(32)).hex())
    (tmp_path / "unsay.yaml").write_text("policy: policy.yaml\nledger: {path: ledger.sqlite}\n")
    monkeypatch.setenv("UNSAY_LEDGER_KEY", bytes(range(32)).hex())
    (tmp_path / "entry.json").write_text(json.dumps(ENTRY))
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    with made.stack:
        yield made


@pytest.fixture(params=["sqlite", "postgres", "admin"])
def forget(request: pytest.FixtureRequest, at: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forget]:
    """Runs a command there, as Anna."""
    match request.param:
        case "sqlite":
            yield lambda *given: run(*given, "--as", "anna")
        case "postgres":
            url = request.getfixturevalue("postgres_url")
            tables = (f"DROP TABLE IF EXISTS unsay_ledger_{one}" for one in TABLES)
            with asked(url, *tables, "DROP FUNCTION IF EXISTS unsay_ledger_keep"):
                pass
            (at.folder / "unsay.yaml").write_text(f"policy: policy.yaml\nledger: {{url: '{url}'}}\n")
            yield lambda *given: run(*given, "--as", "anna")
        case _:
            monkeypatch.setenv("UNSAY_ADMIN_KEY", "anna")
            with at.served() as api:
                yield lambda *given: run(*given, "--admin", f"http://127.0.0.1:{api.port}/v1")


def run(*arguments: str) -> Result:
    ended = CliRunner().invoke(app, list(arguments))
    assert not [text for text in TEXTS if text in ended.output]
    return ended


def said(ended: Result) -> Any:
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def test_a_request_goes_from_its_preview_to_its_end(forget: Forget) -> None:
    tried = forget("preview", "entry.json", "--on", "rows.jsonl")
    assert (tried.exit_code, "2 of 4 rows would be withheld (50.00%)" in tried.stdout) == (1, True)
    assert "rows: 1, 3" in tried.stdout
    assert "warning: 50.00% is more than 1.00% of this traffic" in tried.stderr
    added = said(forget("add", "entry.json", "--why", "ticket 7", "--json"))
    assert (added["state"], added["exact"], added["requester"]) == ("staged", "compiled", "anna")
    assert forget("preview", "erasure-0142", "--on", "rows.jsonl").exit_code == 1
    assert forget("monitor", "erasure-0142").stdout.startswith("erasure-0142: monitored; exact part compiled")
    assert said(forget("enforce", "erasure-0142", "--share", "0.1", "--json"))["share"] == 0.1
    listed = forget("list", "--in", "enforced").stdout.splitlines()
    assert listed[0].split()[:3] == ["REQUEST", "STATE", "SHARE"]
    assert listed[1].split()[:3] == ["erasure-0142", "enforced", "10%"]
    shown = forget("show", "erasure-0142").stdout
    assert "preview     rows 4, refused 1, redacted 0, answers 1, share 0.5" in shown
    assert forget("restore", "erasure-0142", "--why", "in error").exit_code == 0
    assert said(forget("list", "--in", "enforced", "--json"))["requests"] == []


def test_one_command_enforces(forget: Forget) -> None:
    assert forget("add", "entry.json", "--enforce").stdout.startswith("erasure-0142: enforced; exact part")


def test_a_receipt_is_written_and_verified(forget: Forget, at: Office) -> None:
    forget("add", "entry.json", "--enforce")
    written = forget("receipt", "erasure-0142", "--out", "receipt.json")
    assert "State       enforced since" in written.stdout
    key = said(forget("settings", "--json"))["key"]
    checked = run("receipt", "--verify", "receipt.json", "--key", key)
    assert (checked.exit_code, checked.stdout.rstrip().endswith(f"The signature holds: {key}")) == (0, True)
    paper = at.folder / "receipt.json"
    paper.write_bytes(paper.read_bytes().replace(b"enforced", b"restored", 1))
    refused = run("receipt", "--verify", "receipt.json", "--key", key)
    assert (refused.exit_code, "found something changed since" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["add", "none.yaml"], "none.yaml: expected a readable file, got no such file"),
        (["add"], "expected an entry: a file"),
        (
            ["add", "entry.json", "--monitor", "--enforce"],
            "expected either --monitor or --enforce, found both",
        ),
        (["add", "entry.json", "--share", "2"], "share"),
        (["add", "entry.json", "--enforce", "--share", "0"], "share"),
        (["add", "entry.json", "--why", "a" * 201], "why"),
        (["show", "nobody"], "nobody: expected a request of this ledger, found none"),
        (["enforce", "nobody"], "nobody: expected a request of this ledger, found none"),
        (["preview", "entry.json"], "expected either --on or --audit, found neither"),
        (["preview", "entry.json", "--on", "none.jsonl"], "No such file or directory"),
        (["preview", "entry.json", "--on", "policy.yaml"], "row 1: expected JSON"),
        (
            ["preview", "nobody", "--on", "rows.jsonl"],
            "nobody: expected a request of this ledger, found none",
        ),
        (["receipt"], "expected either a request or --verify, found neither"),
        (["receipt", "--verify", "entry.json"], "expected --key with the ledger's public key, found none"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(at: Office, arguments: list[str], told: str) -> None:
    records = at.desk().ledger().records
    ended = run(*arguments)
    assert ended.exit_code == 2
    assert told in ended.stderr
    assert "Traceback" not in ended.output
    assert at.desk().ledger().records == records


def test_two_persons_where_the_ledger_wants_them(at: Office) -> None:
    assert said(run("settings", "--approve", "enforce", "--most-open", "1"))["approve"] == ["enforce"]
    added = run("add", "entry.json", "--as", "anna")
    assert "somebody else must approve before it can: enforce" in added.stderr
    assert run("enforce", "erasure-0142", "--as", "anna").exit_code == 2
    assert "who asked for it" in run("approve", "erasure-0142", "--as", "anna").stderr
    assert run("approve", "erasure-0142", "--as", "berta").exit_code == 0
    assert run("enforce", "erasure-0142", "--as", "anna").exit_code == 0
    more = run("add", "--id", "more", "--name", "Carl Reed", "--as", "anna")
    assert "expected at most 1 open requests of anna, found 1" in more.stderr
    assert said(run("settings", "--most-open", "0", "--approve", "none"))["most_open"] is None


def test_what_is_monitored_is_told_from_the_audit_log(at: Office) -> None:
    lines = [
        {"event": "monitored", "outcome": "passed", "findings": []},
        {
            "event": "monitored",
            "outcome": "refused",
            "findings": [{"entry": "erasure-0142", "surface": "prompt", "action": "refuse"}],
        },
    ]
    (at.folder / "audit.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    told = run("preview", "erasure-0142", "--audit", "audit.jsonl")
    assert "1 of 2 rows would be withheld (50.00%): 1 prompts refused" in told.stdout
    none = run("preview", "another", "--audit", "policy.yaml")
    assert (none.exit_code, "found none in the log" in none.stderr) == (2, True)


def test_an_evaluation_goes_into_the_receipt(at: Office) -> None:
    run("add", "entry.json", "--enforce")
    rows = [{"verdict": "met", "tries": 10, "leaks": 0}, {"verdict": "missed", "tries": 5, "leaks": 1}]
    report = {"made": "2026-11-01", "version": "0.1.0", "rows": rows}
    (at.folder / "report.json").write_text(json.dumps(report))
    told = run("receipt", "erasure-0142", "--evaluation", "report.json").stdout
    assert all(figure in told for figure in ("rows 2", "missed 1", "tries 15", "leaks 1"))
    bad = run("receipt", "erasure-0142", "--evaluation", "entry.json")
    assert (bad.exit_code, "expected a report of `unsay evaluate`" in bad.stderr) == (2, True)


def test_it_must_be_clear_which_ledger(at: Office, tmp_path: Path) -> None:
    (at.folder / "unsay.yaml").unlink()
    assert "expected --ledger, --admin, or settings" in run("list").stderr
    assert "expected either --admin or --ledger, found both" in run(
        "list", "--admin", "http://127.0.0.1:1", "--ledger", "l.sqlite"
    ).stderr  # fmt: skip
    assert "expected a ledger, found none" in run("list", "--ledger", "none.sqlite").stderr
    assert not (at.folder / "none.sqlite").exists()
    assert "cannot be asked: ConnectionRefusedError" in run("list", "--admin", "http://127.0.0.1:1").stderr
    assert "expected a URL such as http://127.0.0.1:8081" in run("list", "--admin", "ftp://host").stderr


def test_the_options_name_all_states_and_moves() -> None:
    assert set(get_args(InState)) == set(State)
    assert set(get_args(Move)) == set(MOVES)
