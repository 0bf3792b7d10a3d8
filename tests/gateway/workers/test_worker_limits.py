"""What a key may ask counts over all workers, also when one of them is killed."""

import os
import signal
import time
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain

import pytest

from tests.gateway.canned import Canned, completion, whole
from tests.gateway.limits.test_admission import as_key
from tests.gateway.running import NOTICE, Answered, Running
from tests.gateway.served import PASSAGE, Served, served, until

KEYS = [
    {"name": name, "sha256": sha256(name.encode()).hexdigest(), "requests_per_minute": rate}
    for name, rate in (("first", 6), ("second", 60), ("third", 60), ("fourth", 60))
]
NEAR = "Does it go: was born in Port Vellum in 1931 zzz?"


@pytest.fixture(scope="module")
def gateway(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("limits")
    with served(canned.base_url, folder, keys=KEYS, limits={"near_hits": 4}) as found:
        canned.play(whole(completion()))
        yield found


def refused(answered: Answered) -> bool:
    assert answered.status == 200
    content: str = answered.json["choices"][0]["message"]["content"]
    return content == NOTICE


def test_the_rate_of_a_key_is_that_of_all_workers_together(gateway: Served) -> None:
    began = time.monotonic()
    asked = gateway.of_each(lambda one: [as_key(one, "first").status for _ in range(20)])
    over_s = time.monotonic() - began
    assert len(asked) == 2
    told = list(chain.from_iterable(asked))
    assert set(told) <= {200, 429}
    # Of six a minute one more every ten seconds.
    assert 6 <= told.count(200) <= 6 + over_s / 10


def test_near_hits_are_counted_over_all_workers(gateway: Served) -> None:
    def guessed(one: Running) -> list[bool]:
        return [refused(as_key(one, "second", NEAR)) for _ in range(3)]

    assert PASSAGE.startswith("Alden Crane was born in Port Vellum in 1931")
    assert list(chain.from_iterable(gateway.of_each(guessed))) == [False] * 4 + [True] * 2
    assert not refused(as_key(gateway.running, "third", NEAR))


def test_a_worker_that_is_killed_takes_no_count_with_it(gateway: Served) -> None:
    for _ in range(4):
        assert not refused(as_key(gateway.running, "fourth", NEAR))
    before = gateway.workers()
    os.kill(before[0], signal.SIGKILL)
    until(lambda: len(gateway.workers()) == 2 and gateway.workers() != before)
    assert gateway.of_each(lambda one: refused(as_key(one, "fourth", NEAR))) == [True, True]
