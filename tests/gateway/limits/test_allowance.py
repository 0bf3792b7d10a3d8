"""An allowance fills up evenly, is shared by all processes, and no killed process keeps it locked."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.allowance import Allowance
from gateway.limits.shared_table import SharedTable

FORK = multiprocessing.get_context("fork")


@dataclass(slots=True)
class Hand:
    """A clock that is moved by hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def table() -> Iterator[SharedTable]:
    made = SharedTable(3)
    yield made
    made.close()


def test_a_minutes_worth_may_come_at_once_and_then_one_at_a_time(table: SharedTable) -> None:
    hand = Hand()
    six = Allowance(table, 0, 6, 60, hand)
    assert [six.take() for _ in range(6)] == [0.0] * 6
    assert six.take() == pytest.approx(10)
    hand.now += 9.9
    assert six.take() == pytest.approx(0.1)
    hand.now += 0.2
    assert six.take() == 0
    assert six.take() > 0


def test_less_than_one_in_a_minute_is_one_in_a_longer_time(table: SharedTable) -> None:
    hand = Hand()
    half = Allowance(table, 0, 0.5, 60, hand)
    assert half.take() == 0
    assert half.take() == pytest.approx(120)


def test_what_is_refused_costs_nothing(table: SharedTable) -> None:
    hand = Hand()
    one = Allowance(table, 0, 1, 60, hand)
    one.take()
    assert [one.take() for _ in range(5)] == [pytest.approx(60)] * 5


def test_rows_are_apart(table: SharedTable) -> None:
    hand = Hand()
    first, second = (Allowance(table, row, 1, 60, hand) for row in (0, 1))
    assert first.take() == 0
    assert second.take() == 0
    assert first.take() > 0


def test_a_budget_is_spent_whole_and_comes_back(table: SharedTable) -> None:
    hand = Hand()
    budget = Allowance(table, 0, 100, 3600, hand)
    assert not budget.empty
    assert budget.spend(99.5)
    assert budget.empty, "half a one is none"
    assert not budget.spend(1)
    hand.now += 36
    assert not budget.empty
    assert budget.spend(1)
    assert budget.empty


def test_more_than_the_whole_budget_is_no_debt(table: SharedTable) -> None:
    hand = Hand()
    budget = Allowance(table, 0, 100, 3600, hand)
    assert not budget.spend(10_000)
    hand.now += 3600
    assert budget.spend(100)


def test_a_budget_of_nothing_is_always_empty(table: SharedTable) -> None:
    nothing = Allowance(table, 0, 0, 3600)
    assert nothing.empty
    assert nothing.spend(0)
    assert not nothing.spend(1)


@given(steps=st.lists(st.floats(0, 30), max_size=80), amount=st.floats(0.2, 50))
def test_in_no_time_more_is_taken_than_one_amount_and_what_filled_up(
    steps: list[float], amount: float
) -> None:
    shared, hand, took = SharedTable(1), Hand(), 0
    allowance = Allowance(shared, 0, amount, 60, hand)
    for step in steps:
        hand.now += step
        took += allowance.take() == 0
    shared.close()
    assert took <= max(1.0, amount) + sum(steps) * amount / 60 + 1e-6


def _take_all(table: SharedTable, tries: int, taken: "multiprocessing.Queue[int]") -> None:
    allowance = Allowance(table, 0, 500, 36_000)
    taken.put(sum(allowance.take() == 0 for _ in range(tries)))


def test_many_processes_take_no_more_than_one_could(table: SharedTable) -> None:
    taken = FORK.Queue()
    workers = [FORK.Process(target=_take_all, args=(table, 400, taken)) for _ in range(4)]
    for worker in workers:
        worker.start()
    took = sum(taken.get(timeout=120) for _ in workers)
    for worker in workers:
        worker.join(120)
    assert 500 <= took <= 501


def _die_in_the_lock(table: SharedTable) -> None:
    with table.locked(0):
        table[0] = 5.0
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_killed_in_its_lock_stops_nobody(table: SharedTable) -> None:
    dying = FORK.Process(target=_die_in_the_lock, args=(table,))
    dying.start()
    dying.join(120)
    assert dying.exitcode == -signal.SIGKILL
    began = time.monotonic()
    assert Allowance(table, 0, 1, 60).take() == 0
    assert time.monotonic() - began < 30


def _hold(table: SharedTable, held: "multiprocessing.Queue[int]", seconds: float) -> None:
    with table.locked(0):
        held.put(1)
        time.sleep(seconds)
        table[0] = time.monotonic() + 1000


def test_a_number_is_read_after_another_process_has_written_it(table: SharedTable) -> None:
    held = FORK.Queue()
    holding = FORK.Process(target=_hold, args=(table, held, 0.2))
    holding.start()
    held.get(timeout=120)
    assert Allowance(table, 0, 1, 60).take() > 900, "it did not wait for the other's lock"
    holding.join(120)
