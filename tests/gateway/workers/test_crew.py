"""Workers that end are replaced; when none can begin, the gateway ends and says why."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from gateway.workers.child import Family, Work
from gateway.workers.crew import FIRST_PAUSE_S, TRIES, Crew, CrewError
from gateway.workers.worker import Broken, Leave, Ready
from tests.gateway.served import until


def serves(line: Connection) -> None:
    """Until it is told to leave or its parent is gone."""
    line.send(Ready())
    try:
        line.recv()
    except EOFError:
        sys.exit(3)


def breaks(line: Connection) -> None:
    line.send(Broken("the disk is full"))
    sys.exit(1)


class Begins:
    """Forks what it is told to; remembers who ended."""

    def __init__(self, work: Work) -> None:
        self.work, self.ended, self.now = work, list[int](), 0.0
        self.pauses: list[float] = []
        self._family = Family()
        self.crew = Crew(lambda: self._family.fork("worker", self.work), self.ended.append, lambda: self.now)

    def settled(self, serving: int) -> bool:
        self.crew.look()
        self.crew.replace()
        return sum(member.serves for member in self.crew.members) == serving

    def until_it_gives_up(self) -> None:
        while True:
            self.settled(1)
            if (pause := self.crew.wait_s()) and not self.crew.members:
                self.pauses.append(round(pause, 3))
                self.now += pause
            time.sleep(0.01)

    def pids(self) -> list[int]:
        return [member.child.pid for member in self.crew.members]


@pytest.fixture
def begins() -> Iterator[Begins]:
    found = Begins(serves)
    yield found
    found.crew.dismiss(0.0)
    found.crew.kill()
    until(lambda: found.settled(0))


def test_one_that_served_is_replaced_at_once_and_the_others_stay(begins: Begins) -> None:
    begins.crew.start(3)
    until(lambda: begins.settled(3))
    assert begins.crew.complete
    first, *others = begins.pids()
    os.kill(first, signal.SIGKILL)
    until(lambda: begins.settled(3) and begins.ended == [first])
    assert set(others) < set(begins.pids())
    assert begins.now == 0.0


def test_when_the_first_cannot_begin_the_reason_is_told(begins: Begins) -> None:
    begins.work = breaks
    begins.crew.start(1)
    with pytest.raises(CrewError, match="the disk is full"):
        until(lambda: begins.settled(1))


def test_replacements_that_cannot_begin_wait_longer_and_longer_and_then_all_ends(begins: Begins) -> None:
    begins.crew.start(1)
    until(lambda: begins.settled(1))
    begins.work = breaks
    os.kill(begins.pids()[0], signal.SIGKILL)
    with pytest.raises(CrewError, match="the disk is full"):
        begins.until_it_gives_up()
    assert begins.pauses == [round(FIRST_PAUSE_S * 2**n, 3) for n in range(TRIES - 1)]


def test_while_one_serves_a_replacement_is_tried_for_ever(begins: Begins) -> None:
    begins.crew.start(2)
    until(lambda: begins.settled(2))
    begins.work = breaks
    fallen, stays = begins.pids()
    os.kill(fallen, signal.SIGKILL)
    while len(begins.ended) < TRIES + 2:
        begins.settled(1)
        begins.now += 10.0
        time.sleep(0.01)
    assert stays in begins.pids()


def test_a_worker_hears_that_its_parent_is_gone_although_it_has_siblings() -> None:
    """No sibling may hold the parent's end of another's line."""
    family = Family()
    children = [family.fork("worker", serves) for _ in range(3)]
    for child in children:
        child.line.recv()
    children[0].line.close()
    children[0].process.join(120)
    assert children[0].process.exitcode == 3
    assert all(child.process.is_alive() for child in children[1:])
    for child in children[1:]:
        child.line.send(Leave(0.0))
        assert child.ended() == "status 0"
