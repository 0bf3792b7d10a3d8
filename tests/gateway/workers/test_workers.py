"""One gateway of several processes: all serve, one that falls is replaced, and none outlives the first."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.audit.verify import verify
from tests.gateway.canned import DONE, Canned, said, stream, whole
from tests.gateway.running import NOTICE, Answered, Running
from tests.gateway.served import (
    ENTRY,
    Served,
    alive,
    number,
    policy_text,
    refused,
    served,
    start,
    stopped,
    until,
)

YES = whole(
    {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}]}
)


@pytest.fixture(scope="module")
def gateway(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(canned.base_url, tmp_path_factory.mktemp("workers")) as found:
        yield found


def streamed(gateway: Served, answers: list[Answered]) -> threading.Thread:
    """A stream under way; its answer comes into the list."""
    asked = threading.Thread(target=lambda: answers.append(gateway.running.chat(stream=True)))
    asked.start()
    return asked


def test_every_worker_answers_and_withholds(canned: Canned, gateway: Served) -> None:
    canned.play(YES)
    assert len(gateway.workers()) == 2
    assert [one.name for one in Path(f"/proc/{gateway.process.pid}/task").iterdir()] == [
        str(gateway.process.pid)
    ]
    assert [one.status for one in gateway.of_each(Running.chat)] == [200, 200]
    asked = gateway.of_each(lambda worker: worker.chat("Who is Alden Crane?"))
    assert [refused(one, NOTICE) for one in asked] == [True, True]


def test_their_numbers_are_told_together_and_their_records_are_one_chain(
    canned: Canned, gateway: Served
) -> None:
    canned.play(YES)
    before = gateway.number("unsay_requests_total")
    for _ in range(2):
        gateway.of_each(Running.chat)
    # A request is counted just after its last byte.
    until(lambda: gateway.of_each(lambda worker: number(worker, "unsay_requests_total")) == [before + 4] * 2)
    assert gateway.number("unsay_snapshot_generation") == 1
    found = verify(gateway.running.audit)
    assert found.ok
    assert found.lines >= 4


def test_a_worker_that_falls_takes_nobody_with_it_and_is_replaced(canned: Canned, gateway: Served) -> None:
    canned.play(stream(*said(["a ", "b ", "c ", "d ", "e."]), DONE, pause_s=0.15))
    answers: list[Answered] = []
    fallen = gateway.workers()[0]
    with stopped([fallen]):
        asked = streamed(gateway, answers)
        until(lambda: canned.asked)
    os.kill(fallen, signal.SIGKILL)
    asked.join(120)
    assert answers[0].text() == "a b c d e."
    until(lambda: len(gateway.workers()) == 2 and fallen not in gateway.workers())
    canned.play(YES)
    assert until(lambda: "another takes its place" in gateway.log)
    assert [one.status for one in gateway.of_each(Running.chat)] == [200, 200]
    assert verify(gateway.running.audit).ok


def test_a_gateway_that_is_killed_leaves_no_process_and_no_answer_without_an_end(
    canned: Canned, gateway: Served
) -> None:
    """The last test of the module's gateway: nothing is served after it."""
    canned.play(stream(*said(["a "] * 4000), DONE, pause_s=0.05))
    answers: list[Answered] = []
    asked = streamed(gateway, answers)
    until(lambda: canned.asked and canned.sent > 3)
    workers = gateway.workers()
    gateway.process.kill()
    asked.join(120)
    until(lambda: not any(map(alive, workers)))
    assert answers[0].events[-2]["error"]["code"] == "shutting_down"
    assert answers[0].events[-1] == "[DONE]"
    assert gateway.running.records()[-1]["error"] == "shutting_down"


def test_what_keeps_workers_from_serving_is_told_and_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    (tmp_path / "policy.yaml").write_text(policy_text(ENTRY))
    (tmp_path / "unsay.yaml").write_text('{"listen": {"port": 0, "workers": 2}}')
    with start(tmp_path) as process:
        assert process.wait(120) == 2
        assert process.stdout is not None
        assert process.stdout.read() == ""
    log = (tmp_path / "log").read_text()
    assert "audit.jsonl" in log
    assert "Traceback" not in log
    listed = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in listed
