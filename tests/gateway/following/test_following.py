"""What the ledger enforces is withheld by every gateway that follows it, and stays so whatever ends."""

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.audit.verify import verify
from index.ledger.act import Move
from index.ledger.event import Event, Part
from index.ledger.ledger import Ledger
from tests.gateway.canned import DONE, Canned, said, stream
from tests.gateway.following.fleet import (
    WHO,
    Fleet,
    fleet,
    in_force,
    leaks,
    recite,
    until_in_force,
)
from tests.gateway.following.relay import new_database
from tests.gateway.running import Answered
from tests.gateway.served import ENTRY, Served, children, until


@pytest.fixture(scope="module")
def both(
    canned: Canned, tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> Iterator[tuple[Fleet, Ledger]]:
    folder = tmp_path_factory.mktemp("following")
    with fleet(folder, canned, new_database(postgres_url), replicas=2) as found:
        yield found


def follower(gateway: Served) -> int:
    """The child that waits for nothing but the ledger and its parent."""
    workers = gateway.workers()
    return next(pid for pid in children(gateway.process.pid) if pid not in workers)


def monitored(gateway: Served) -> Any:
    """What was last found, and only told."""

    def told() -> list[Any]:
        return [line["findings"] for line in gateway.running.records() if line["event"] == "monitored"]

    return until(told)[-1]


def leaking(found: Fleet, number: int) -> list[bool]:
    return [leaks(found.texts, number, recite(one.running, number)) for one in found.replicas]


def test_a_request_goes_through_all_its_states_on_all_replicas(both: tuple[Fleet, Ledger]) -> None:
    found, ledger = both
    acts = found.acts("first", 1, 2, event=Event.MONITOR)
    until_in_force(found, ledger.commit(*acts)[-1])
    assert leaking(found, 1) == [True, True]
    for one in found.replicas:
        assert {each["entry"] for each in monitored(one)} == {"first"}
    for event, leak in ((Event.ENFORCE, False), (Event.STAGE, True), (Event.ENFORCE, False)):
        until_in_force(found, ledger.commit(Move("first", WHO, event))[-1])
        assert [leaking(found, 1), leaking(found, 2), leaking(found, 3)] == [
            [leak, leak], [leak, leak], [True, True],
        ]  # fmt: skip
    restored = ledger.commit(Move("first", WHO, Event.RESTORE))[-1]
    until_in_force(found, restored)
    assert leaking(found, 1) == [True, True]


def test_each_replica_says_in_the_ledger_what_is_in_force(both: tuple[Fleet, Ledger]) -> None:
    found, ledger = both
    record = ledger.commit(*found.acts("reported", 5))[-1]
    until_in_force(found, record)

    def reports() -> set[str]:
        exact = (one for one in ledger.reports() if one.part is Part.EXACT)
        return {one.replica for one in exact if one.sequence >= record.sequence}

    assert until(lambda: reports() == {"replica-0", "replica-1"})
    line = next(
        one
        for one in found.replicas[0].running.records()
        if one["event"] == "ledger" and one.get("record", -1) >= record.sequence
    )
    assert (line["state"], line["replica"]) == ("in_force", "replica-0")


def test_an_answer_under_way_goes_on_under_what_was_in_force_when_it_began(
    both: tuple[Fleet, Ledger], canned: Canned
) -> None:
    found, ledger = both
    gateway, gate, answers = found.replicas[0], threading.Event(), list[Answered]()
    text = found.texts.text(7)
    script = stream(*said([text[at : at + 8] for at in range(0, len(text), 8)]), DONE, gate=gate)
    canned.answers = lambda _: script
    asking = threading.Thread(target=lambda: answers.append(recite(gateway.running, 7, stream=True)))
    try:
        asking.start()
        until(lambda: canned.asked and canned.sent == 2)
        record = ledger.commit(*found.acts("later", 7))[-1]
        until(lambda: in_force(gateway, record))
        gate.set()
        asking.join(120)
    finally:
        canned.answers = found.texts.recited
    assert answers[0].text() == text
    assert not leaks(found.texts, 7, recite(gateway.running, 7))


def test_a_policy_that_changes_and_requests_that_come_do_not_lose_each_other(
    both: tuple[Fleet, Ledger],
) -> None:
    found, ledger = both
    gateway = found.replicas[0]
    before = gateway.number("unsay_snapshot_generation")
    gateway.policy(ENTRY, {"id": "other", "passages": [found.texts.text(8)]})
    record = ledger.commit(*found.acts("meanwhile", 9))[-1]
    until(lambda: in_force(gateway, record))
    until(lambda: not leaks(found.texts, 8, recite(gateway.running, 8)))
    until(lambda: in_force(gateway, record))
    assert not leaks(found.texts, 9, recite(gateway.running, 9))
    assert not leaks(found.texts, 5, recite(gateway.running, 5))
    assert gateway.number("unsay_snapshot_generation") > before
    gateway.policy(ENTRY)
    until(lambda: leaks(found.texts, 8, recite(gateway.running, 8)))
    assert not leaks(found.texts, 9, recite(gateway.running, 9))


def test_a_request_that_cannot_go_in_keeps_no_other_out_and_is_told(both: tuple[Fleet, Ledger]) -> None:
    found, ledger = both
    # Of an id that the policy has.
    ledger.commit(*found.acts("crane", 10))
    record = ledger.commit(*found.acts("good", 11))[-1]
    until_in_force(found, record)
    assert leaking(found, 11) == [False, False]
    assert until(lambda: "requests that cannot come into force: crane" in found.replicas[0].log)
    ledger.commit(Move("crane", WHO, Event.RESTORE))


def test_a_follower_that_is_killed_begins_again_where_it_was(both: tuple[Fleet, Ledger]) -> None:
    found, ledger = both
    gateway = found.replicas[0]
    fallen = follower(gateway)
    os.kill(fallen, signal.SIGKILL)
    record = ledger.commit(*found.acts("after", 12))[-1]
    until_in_force(found, record)
    assert follower(gateway) != fallen
    assert leaking(found, 12) == [False, False]
    assert gateway.process.poll() is None
    assert verify(gateway.running.audit).ok
