"""Several processes write to one ledger and are killed at it: nothing acknowledged is lost or half done."""

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from index.ledger.act import Add, Move
from index.ledger.event import Event, Part
from index.ledger.verify import verify
from tests.index.ledger.conftest import KEYS, READER, Place, added, entry


@contextmanager
def writing(place: Place, name: str) -> Iterator[subprocess.Popen[bytes]]:
    program = [sys.executable, "-m", "tests.index.ledger.ledger_writer", str(place.address), name]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: subprocess.Popen[bytes], count: int) -> list[str]:
    """The next requests that it says were acknowledged."""
    assert process.stdout is not None
    return [process.stdout.readline().decode().strip() for _ in range(count)]


def rest(process: subprocess.Popen[bytes]) -> list[str]:
    """What it had still said when it was killed."""
    process.kill()
    assert process.stdout is not None
    return process.stdout.read().decode().split()


def kept(place: Place) -> set[str]:
    """The requests that stand in the ledger; each must be there whole, and the chain with them."""
    assert KEYS.signing is not None
    found = verify(place.address, [KEYS.signing.public])
    assert found.ok, str(found)
    reader = place.open(READER)
    requests = {one.id: one for one in reader.requests()}
    for name, one in requests.items():
        assert [change.event for change in one.history] == ["add", "attach", "enforce"], "half a commit"
        assert reader.segment(one.segments[Part.EXACT]) == name.encode() * 99
        assert reader.source(name).id == name
    reader.close()
    return set(requests)


def lost(place: Place, times: int) -> set[str]:
    """The acknowledged requests that are not in the ledger after so many kills."""
    place.open()
    chance, acknowledged = random.Random(3), set[str]()
    for number in range(times):
        with writing(place, f"a{number}") as one, writing(place, f"b{number}") as other:
            acknowledged |= {*heard(one, chance.randint(1, 4)), *heard(other, 1)}
            acknowledged |= {*rest(one), *rest(other)}
        if missing := acknowledged - kept(place):
            return missing
    return set()


def test_writers_that_are_killed_lose_nothing(place: Place) -> None:
    assert lost(place, times=3) == set()


@pytest.mark.long
def test_writers_that_are_killed_often_lose_nothing(place: Place) -> None:
    assert lost(place, times=40) == set()


def test_whoever_waits_hears_of_a_record(place: Place) -> None:
    """As long as there is none it waits; the other writes when it is told to."""
    writer, reader = place.open(), place.open(READER)
    last = reader.head().sequence - 1
    assert not reader.wait(last, 0.0)
    heard: list[bool] = []
    waiting = threading.Thread(target=lambda: heard.append(reader.wait(last, 60.0)), daemon=True)
    waiting.start()
    added(writer, event=Event.ENFORCE)
    waiting.join()
    assert heard == [True]
    assert [one.id for one in reader.requests()] == ["heron"]


@pytest.mark.parametrize("one", [True, False], ids=["one for all", "one each"])
def test_who_writes_at_once_waits_for_the_others(place: Place, one: bool) -> None:
    ledger = place.open()

    def write(name: str) -> None:
        own = ledger if one else place.open()
        for number in range(5):
            own.commit(Add(entry(f"{name}{number}"), name), Move(f"{name}{number}", name, Event.RESTORE))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.requests()) == 15
    assert verify(place.address).records == 31
