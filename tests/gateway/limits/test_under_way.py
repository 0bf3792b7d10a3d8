"""What a key has under way counts over all workers, and what a killed one had counts until it is gone."""

import http.client
import json
import multiprocessing
import os
import signal
from collections.abc import Iterator, MutableSequence
from contextlib import closing, contextmanager
from hashlib import sha256

import pytest

from gateway.limits.under_way import UnderWay, Workers
from tests.gateway.canned import Asked, Canned, End, Script, completion, stream, whole
from tests.gateway.limits.test_admission import as_key
from tests.gateway.running import HOST
from tests.gateway.served import Served, served, stopped, until

FORK = multiprocessing.get_context("fork")
Numbers = MutableSequence[int]
KEYS = [
    {"name": name, "sha256": sha256(name.encode()).hexdigest(), "requests_at_a_time": most}
    for name, most in (("loud", 2), ("quiet", None))
]


@pytest.fixture
def workers() -> Workers:
    return Workers(2, keys=4)


def test_all_workers_have_one_count_of_each_key(workers: Workers) -> None:
    one, other = workers.born(), workers.born()
    assert [one.begin(0, 3), other.begin(0, 3), one.begin(0, 3)] == [True] * 3
    assert [one.begin(0, 3), other.begin(0, 3)] == [False] * 2
    assert other.begin(1, 1)
    one.end(0)
    assert other.begin(0, 3)
    assert not one.begin(0, 3)


def test_what_is_not_limited_is_counted_for_a_limit_that_comes(workers: Workers) -> None:
    one, other = workers.born(), workers.born()
    assert one.begin(0, None)
    assert not other.begin(0, 1)
    one.end(0)
    assert other.begin(0, 1)


def test_what_a_dead_worker_had_counts_until_its_parent_knows_and_then_no_more(workers: Workers) -> None:
    one, other = workers.born(), workers.born()
    assert one.begin(0, 1)
    assert not other.begin(0, 1)
    workers.gone(one)
    assert other.begin(0, 1)
    other.end(0)
    heir = workers.born()
    assert (heir.worker, heir.life) == (one.worker, 3)
    assert heir.begin(0, 1)
    assert not other.begin(0, 1)
    heir.end(0)
    assert [other.begin(0, 1), heir.begin(0, 1)] == [True, False]


def test_no_more_workers_begin_than_there_may_be(workers: Workers) -> None:
    workers.born()
    last = workers.born()
    with pytest.raises(ValueError, match="not in list"):
        workers.born()
    workers.gone(last)
    workers.born()


def test_processes_that_begin_and_end_without_pause_never_have_more_than_that_together() -> None:
    workers = Workers(3, keys=1)
    have, refused, most = (FORK.RawArray("q", 3) for _ in range(3))
    members = [FORK.Process(target=_hurry, args=(workers.born(), have, refused, most)) for _ in range(3)]
    for member in members:
        member.start()
    for member in members:
        member.join()
    assert [member.exitcode for member in members] == [0, 0, 0]
    assert max(most) <= 2


def _hurry(counted: UnderWay, have: Numbers, refused: Numbers, most: Numbers) -> None:
    """Until all were refused often: then they were under way together."""
    own = counted.worker
    while min(refused) < 300:
        if counted.begin(0, 2):
            have[own] = 1
            most[own] = max(most[own], sum(have))
            os.sched_yield()
            have[own] = 0
            counted.end(0)
        else:
            refused[own] += 1


@pytest.fixture(scope="module")
def gateway(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(canned.base_url, tmp_path_factory.mktemp("under-way"), keys=KEYS) as found:
        yield found


@contextmanager
def under_way(gateway: Served, canned: Canned, pid: int) -> Iterator[None]:
    """A request of the loud key that this worker has taken, and that is not answered."""
    before = len(canned.asked)
    others = [other for other in gateway.workers() if other != pid]
    with closing(http.client.HTTPConnection(HOST, gateway.running.port, timeout=120)) as line:
        with stopped(others):
            body = json.dumps({"model": "demo", "messages": [{"role": "user", "content": "Please wait."}]})
            headers = {"Content-Type": "application/json", "Authorization": "Bearer loud"}
            line.request("POST", "/v1/chat/completions", body, headers)
            until(lambda: len(canned.asked) > before)
        yield


def waits_when_told(asked: Asked) -> Script:
    if "wait" in asked.json["messages"][0]["content"]:
        return stream(end=End.SILENT)
    return whole(completion("A lamp."))


def test_each_worker_counts_what_another_has_and_a_killed_one_gives_it_back(
    gateway: Served, canned: Canned
) -> None:
    canned.answers = waits_when_told
    first, second = gateway.workers()
    with under_way(gateway, canned, first), under_way(gateway, canned, second):
        assert gateway.of_each(lambda one: as_key(one, "loud").status) == [429, 429]
        assert gateway.of_each(lambda one: as_key(one, "quiet").status) == [200, 200]
        os.kill(first, signal.SIGKILL)
        until(lambda: len(gateway.workers()) == 2 and first not in gateway.workers())
        assert gateway.of_each(lambda one: as_key(one, "loud").status) == [200, 200]
        new = next(pid for pid in gateway.workers() if pid != second)
        with under_way(gateway, canned, new):
            assert gateway.of_each(lambda one: as_key(one, "loud").status) == [429, 429]
    until(lambda: gateway.of_each(lambda one: as_key(one, "loud").status) == [200, 200])
