"""Who asks that something be forgotten can wait until every replica does; receipts are held to it later."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from gateway.admin.comparison import ContradictedError, compared
from gateway.admin.documents import MoveDocument, ReceiptDocument, ReplicaDocument
from index.ledger.event import Event, Part
from index.ledger.report import Report
from tests.gateway.admin.office import Office, asking, office
from tests.gateway.admin.test_receipt import NOW
from tests.gateway.served import until
from tests.unsay.test_forget_command import at, run, said
from unsay.forget_wait import Replicas, Waiting

__all__ = ["at"]

ID = "erasure-0142"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    made = office(tmp_path)
    with made.stack:
        yield made


def report(place: Office, replica: str, sequence: int, part: Part = Part.EXACT) -> None:
    place.desk().opened.report(Report(replica, sequence, part, 3, datetime.now(UTC)))


def seen(replica: str, sequence: int, days: float = 0) -> ReplicaDocument:
    return ReplicaDocument(replica=replica, sequence=sequence, at=NOW - timedelta(days=days))


def test_a_replica_is_known_that_was_up_to_date_or_reported_within_a_day() -> None:
    found = Replicas.of([seen("a", 9, days=40), seen("b", 8, days=0.5), seen("c", 7, days=2)], NOW)
    assert (sorted(found.known), sorted(found.gone)) == (["a", "b"], ["c"])


class Pauses:
    """A clock that goes on while nobody is waited for, and what happens meanwhile."""

    def __init__(self, *happens: object) -> None:
        self.now, self._happens = 0.0, list(happens)

    def __call__(self, seconds: float) -> None:
        self.now += seconds
        if self._happens and callable(does := self._happens.pop(0)):
            does()


def waiting(place: Office, pauses: Pauses, told: list[str]) -> Waiting:
    known = Replicas.of(place.desk().ledger().replicas)
    return Waiting(known, told.append, pauses, lambda: pauses.now)


def test_it_is_waited_for_all_and_each_is_told_once(place: Office) -> None:
    desk = place.desk()
    for replica in ("a", "b"):
        report(place, replica, 0)
    enforced = 2
    told: list[str] = []
    pauses = Pauses(lambda: report(place, "b", enforced), None, lambda: report(place, "a", enforced))
    waits = waiting(place, pauses, told)
    assert desk.add(asking("enforce"), "").history[-1].sequence <= enforced + 1
    enforced = desk.show(ID).history[-1].sequence
    assert waits.until(desk, ID, 60) == ()
    assert [line.partition(":")[0] for line in told] == ["b", "a"]
    assert pauses.now < 60


def test_who_does_not_report_in_time_is_named(place: Office) -> None:
    report(place, "a", 0)
    report(place, "b", 0)
    told: list[str] = []
    pauses = Pauses()
    waits = waiting(place, pauses, told)
    enforced = place.desk().add(asking("enforce"), "").history[-1].sequence
    report(place, "a", enforced)
    assert waits.until(place.desk(), ID, 3) == ("b",)
    assert pauses.now == pytest.approx(3)


def test_where_no_replica_is_known_the_first_that_reports_is_waited_for(place: Office) -> None:
    pauses = Pauses()
    waits = waiting(place, pauses, [])
    enforced = place.desk().add(asking("enforce"), "").history[-1].sequence
    assert waits.until(place.desk(), ID, 1) == ("?",)
    report(place, "new", enforced)
    assert waits.until(place.desk(), ID, 1) == ()


def test_what_a_replica_had_in_force_before_does_not_count(place: Office) -> None:
    desk = place.desk()
    report(place, "a", desk.add(asking("monitor"), "").history[-1].sequence)
    waits = waiting(place, Pauses(), [])
    desk.move(ID, MoveDocument(event=Event.ENFORCE))
    assert waits.until(desk, ID, 1) == ("a",)


def test_the_command_tells_by_its_status_whether_it_came_in_time(at: Office) -> None:
    report(at, "host:8080", 0)
    late = run("add", "entry.json", "--enforce", "--wait", "--within", "0")
    assert late.exit_code == 1
    assert late.stdout.startswith(f"{ID}: enforced")
    assert "expected it to be in force within 0 s, found no report of host:8080" in late.stderr

    with reporting(at, "host:8080"):
        first = run("enforce", ID, "--share", "0.5", "--wait", "--within", "600")
    assert (first.exit_code, "host:8080: in force" in first.stderr) == (0, True), first.output
    with reporting(at, "host:8080"):
        assert run("restore", ID, "--wait", "--within", "600").exit_code == 0


@contextmanager
def reporting(place: Office, replica: str) -> Iterator[None]:
    """A replica that has the next move in force as soon as it stands in the ledger."""
    before = len(place.desk().show(ID).history)

    def reports() -> None:
        desk = place.desk()
        until(lambda: len(desk.show(ID).history) > before)
        report(place, replica, desk.show(ID).history[-1].sequence)

    thread = Thread(target=reports)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def test_to_wait_for_what_has_no_effect_is_a_mistake(at: Office) -> None:
    told = run("add", "entry.json", "--wait")
    assert (told.exit_code, "expected --enforce or --monitor with it" in told.stderr) == (2, True)
    assert at.desk().ledger().records == 1


def test_a_receipt_is_compared_with_the_ledger_as_it_is(at: Office) -> None:
    run("add", "entry.json", "--enforce")
    run("receipt", ID, "--out", "receipt.json")
    key = said(run("settings", "--json"))["key"]
    check = ("receipt", "--verify", "receipt.json", "--key", key, "--live")
    same = run(*check)
    assert (same.exit_code, "and is so now; 0 records of it came since" in same.stdout) == (0, True)
    run("restore", ID, "--why", "in error")
    gone_on = run(*check)
    assert (gone_on.exit_code, "state was enforced, is restored" in gone_on.stdout) == (1, True)
    elsewhere = run(*check, "--ledger", "other.sqlite")
    assert (elsewhere.exit_code, "expected a ledger, found none" in elsewhere.stderr) == (2, True)


def test_another_ledger_with_the_same_key_contradicts_it(at: Office) -> None:
    run("add", "entry.json", "--enforce")
    run("receipt", ID, "--out", "receipt.json")
    key = said(run("settings", "--json"))["key"]
    (at.folder / "ledger.sqlite").rename(at.folder / "before.sqlite")
    check = ("receipt", "--verify", "receipt.json", "--key", key, "--live")
    run("settings", "--most-open", "3")
    lost = run(*check)
    assert (lost.exit_code, "expected a request of this ledger, found none" in lost.stderr) == (2, True)
    run("add", "entry.json", "--enforce")
    changed = run(*check)
    assert changed.exit_code == 2
    assert "expected record 1 of the request in the ledger, found none" in changed.stderr


def test_every_difference_of_the_records_is_a_contradiction(place: Office) -> None:
    desk = place.desk()
    desk.add(asking("enforce"), "")
    now = json.loads(desk.receipt(ID, ReceiptDocument()))
    assert compared(now, now).holds
    for fault, told in (
        ({"records": now["records"][1:]}, "found none"),
        ({"records": [one | {"digest": "0" * 64} for one in now["records"]]}, "found another in its place"),
        ({"ledger": now["ledger"] | {"records": 1}}, "records, found 1"),
        ({"request": now["request"] | {"commitment": "0"}}, "the commitment"),
        ({"request": {}}, "a receipt of this version"),
    ):
        with pytest.raises(ContradictedError, match=told):
            compared(now, now | fault)
