"""How long the ledger was silent, told to all processes; and a follower that ends begins again."""

import os
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import pytest

from gateway.following.contact import Contact
from gateway.following.following import FIRST_PAUSE_S, LONGEST_PAUSE_S, Following
from gateway.following.standing import Failed, Made, Standing
from gateway.limits.shared_table import SharedTable
from gateway.workers.child import Child, Family
from tests.gateway.served import until


@dataclass(slots=True)
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_silence_counts_from_when_it_was_heard_last() -> None:
    clock = Clock()
    contact = Contact(SharedTable(2), clock)
    assert (contact.silent_s, contact.sequence) == (float("inf"), -1)
    contact.heard()
    clock.now += 5
    assert contact.silent_s == 5


def test_another_process_sees_what_is_in_force() -> None:
    contact = Contact.new()
    child = os.fork()
    if child == 0:
        contact.heard()
        contact.put_in_force(41)
        os._exit(0)
    os.waitpid(child, 0)
    assert contact.sequence == 41
    assert contact.silent_s < 60


@dataclass(slots=True)
class Begun:
    """Followers that say one thing and end."""

    says: list[object]
    family: Family = field(default_factory=Family)
    times: int = 0

    def __call__(self) -> Child:
        self.times += 1
        return self.family.fork("ledger", self._say)

    def _say(self, line: Connection) -> None:
        for one in self.says:
            line.send(one)


def test_one_that_ends_begins_again_after_a_pause_that_doubles() -> None:
    clock, begin = Clock(), Begun([])
    following = Following(begin, clock)
    for pause_s in (FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S):
        following.replace()
        assert until(lambda: following.heard() == [] and following.child is None)
        assert following.wait_s() == pytest.approx(pause_s)
        following.replace()
        assert following.child is None
        clock.now += pause_s
    for _ in range(8):
        following.replace()
        until(lambda: following.heard() == [] and following.child is None)
        clock.now += LONGEST_PAUSE_S
    following.replace()
    assert until(lambda: following.heard() == [] and following.child is None)
    assert following.wait_s() == pytest.approx(LONGEST_PAUSE_S)


def test_what_it_said_before_it_ended_is_heard() -> None:
    said = [Failed("why"), Standing(3, Made(1, None), "", False)]
    following = Following(Begun(list(said)))
    following.replace()
    heard: list[object] = []
    until(lambda: heard.extend(following.heard()) or following.child is None)  # type: ignore[func-returns-value]
    assert heard == said
