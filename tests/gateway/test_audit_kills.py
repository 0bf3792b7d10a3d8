"""A gateway that is killed in the middle of its work has recorded every answer that any client got whole."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.audit_lock import locked
from gateway.audit_verify import verify
from tests.gateway.audit_writing import records
from tests.gateway.busy_model import busy_model
from tests.gateway.crowd import Crowd
from tests.gateway.forked_gateways import ForkedGateways, Started

TORN = b'{"sequence":7,"previous":"'
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    with busy_model() as base_url:
        yield base_url


def recorded(path: Path) -> set[str]:
    return {record["request"] for record in records(path) if record["event"] == "request"}


def tear(path: Path) -> None:
    """What a process leaves that is killed in the middle of a write, which seldom happens by itself."""
    with path.open("ab") as file, locked(file.fileno()):
        file.write(TORN)
        file.flush()


def killed(started: Started, chance: random.Random, then: Callable[[], float]) -> list[str]:
    """One process is killed at the last byte of an answer, the worst moment, or a little later.

    The requests whose answers came whole. `then` says for how long the clients still stay.
    """
    last, later_s = chance.randint(1, 150), chance.choice([0.0, 0.0, chance.uniform(0, 0.003)])

    def on_answer(count: int) -> None:
        if count == last:
            time.sleep(later_s)
            os.kill(chance.choice(started.processes), signal.SIGKILL)
            crowd.until = time.monotonic() + then()

    crowd = Crowd(started.port, on_answer, time.monotonic() + PATIENCE_S)
    asyncio.run(crowd.ask())
    assert len(crowd.answered) >= last, "nothing was killed"
    return crowd.answered


def check(gateways: ForkedGateways, answered: set[str], torn: int) -> None:
    assert answered <= recorded(gateways.audit), "an answer without a record"
    assert verify(gateways.audit).ok
    repairs = [record for record in records(gateways.audit) if record["event"] == "repaired"]
    assert [repair["dropped_bytes"] for repair in repairs] == [len(TORN)] * torn
    said = gateways.said.read_text()
    assert said.count("an unfinished line of 26 bytes at the end was cut off") == torn


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.long)])
def test_every_answer_that_came_whole_has_its_record(kills: int, model: str, tmp_path: Path) -> None:
    chance, answered = random.Random(kills), set[str]()
    with ForkedGateways(tmp_path, model) as gateways:
        for kill in range(kills):
            if kill % 2:
                tear(gateways.audit)
            answered.update(killed(gateways.start(1), chance, lambda: 0.0))
            assert verify(gateways.audit).ok
    check(gateways, answered, kills // 2)


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.long)])
def test_the_others_go_on_when_one_of_them_is_killed(kills: int, model: str, tmp_path: Path) -> None:
    chance, answered = random.Random(kills), set[str]()
    with ForkedGateways(tmp_path, model) as gateways:

        def then() -> float:
            tear(gateways.audit)
            return 0.3

        for _ in range(kills):
            began = len(answered)
            answered.update(killed(gateways.start(2), chance, then))
            assert len(answered) > began
    check(gateways, answered, kills)
