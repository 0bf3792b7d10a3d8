"""A gateway that is killed in the middle of its work has recorded every answer that any client got whole."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from gateway.audit.lock import locked
from gateway.audit.verify import verify
from tests.gateway.audit.audit_writing import records
from tests.gateway.busy_model import busy_model
from tests.gateway.crowd import Crowd
from tests.gateway.served import served, until
from tests.gateway.workers.forked_gateway import ForkedGateway

TORN = b'{"sequence":7,"previous":"'
PATIENCE_S = 120.0


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


def killed(
    port: int, processes: Sequence[int], chance: random.Random, then: Callable[[], float]
) -> list[str]:
    """One process is killed at the last byte of an answer, the worst moment, or a little later.

    The requests whose answers came whole. `then` says for how long the clients still stay.
    """
    last, later_s = chance.randint(1, 150), chance.choice([0.0, 0.0, chance.uniform(0, 0.003)])

    def on_answer(count: int) -> None:
        if count == last:
            time.sleep(later_s)
            os.kill(chance.choice(processes), signal.SIGKILL)
            crowd.until = time.monotonic() + then()

    crowd = Crowd(port, on_answer, time.monotonic() + PATIENCE_S)
    asyncio.run(crowd.ask())
    assert len(crowd.answered) >= last, "nothing was killed"
    return crowd.answered


def check(audit: Path, answered: set[str], torn: int, said: str) -> None:
    assert answered <= recorded(audit), "an answer without a record"
    assert verify(audit).ok
    repairs = [record for record in records(audit) if record["event"] == "repaired"]
    assert [repair["dropped_bytes"] for repair in repairs] == [len(TORN)] * torn
    assert said.count(f"an unfinished line of {len(TORN)} bytes at the end was cut off") == torn


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.long)])
def test_every_answer_that_came_whole_has_its_record(kills: int, model: str, tmp_path: Path) -> None:
    chance, answered = random.Random(kills), set[str]()
    with ForkedGateway(tmp_path, model) as gateway:
        for kill in range(kills):
            if kill % 2:
                tear(gateway.audit)
            port, process = gateway.start()
            answered.update(killed(port, [process], chance, lambda: 0.0))
            assert verify(gateway.audit).ok
    check(gateway.audit, answered, kills // 2, gateway.said.read_text())


@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.long)])
def test_the_other_workers_go_on_when_one_is_killed(kills: int, model: str, tmp_path: Path) -> None:
    chance, answered = random.Random(kills), set[str]()

    def then() -> float:
        tear(gateway.running.audit)
        return 0.3

    with served(model, tmp_path) as gateway:
        for _ in range(kills):
            workers = until(lambda: len(found := gateway.workers()) == 2 and found)
            answered.update(killed(gateway.running.port, workers, chance, then))
        # What was torn last is repaired by the next who writes, if nobody did meanwhile.
        assert gateway.running.chat().status == 200
    assert verify(gateway.running.audit).ok
    check(gateway.running.audit, answered, kills, gateway.log)
