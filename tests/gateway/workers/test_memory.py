"""Workers share one snapshot: a further one costs its own small things."""

import json
import random
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.figures import Figures
from tests.gateway.canned import Canned, whole
from tests.gateway.running import NOTICE, Running
from tests.gateway.served import Served, policy_text, refused, served

MOST_MB = 60
WORKERS = 3
ANSWER = {
    "index": 0,
    "message": {"role": "assistant", "content": "The lamp. " * 300},
    "finish_reason": "stop",
}


@pytest.fixture(scope="module")
def figures() -> Iterator[Figures]:
    found = Figures("memory")
    yield found
    found.save()


def passages(windows: int) -> list[str]:
    """Random words in passages of a thousand windows each."""
    chance = random.Random(7)
    words = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 9))) for _ in range(30_000)]
    return [" ".join(chance.choices(words, k=1007)) for _ in range(windows // 1000)]


def own_mb(pid: int) -> float:
    """What only this process holds: all that comes with it and goes with it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    fields = (line.split() for line in lines if line.startswith("Private_"))
    return sum(int(field[1]) for field in fields) / 1024


def shared_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    fields = (line.split() for line in lines if line.startswith("Shared_"))
    return sum(int(field[1]) for field in fields) / 1024


def work(worker: Running, texts: list[str]) -> None:
    """Prompts that touch the whole table, and answers that are guarded, whole."""
    for text in texts:
        assert refused(worker.chat(text), NOTICE)
    for _ in range(20):
        assert worker.chat("Hello!").status == 200


def costs(gateway: Served, texts: list[str]) -> tuple[float, float]:
    """The most that one of the workers costs, and the least that it shares."""
    gateway.of_each(lambda worker: work(worker, texts))
    workers = gateway.workers()
    assert len(workers) == WORKERS
    return max(map(own_mb, workers)), min(map(shared_mb, workers))


@pytest.mark.parametrize("windows", [100_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_a_further_worker_costs_little(
    windows: int, canned: Canned, tmp_path: Path, figures: Figures
) -> None:
    canned.play(whole({"choices": [ANSWER]}))
    texts = passages(windows)
    (tmp_path / "passages.jsonl").write_text("".join(json.dumps(text) + "\n" for text in texts))
    (tmp_path / "policy.yaml").write_text(
        policy_text({"id": "texts", "passages": [{"file": "passages.jsonl"}]})
    )
    with served(canned.base_url, tmp_path, WORKERS, limits={"near_hits": 1_000_000}) as gateway:
        own, shared = costs(gateway, texts[:: max(1, len(texts) // 20)])
    figures.add(f"{windows:,} windows, MB of a further worker", f"{own:.1f}")
    figures.add(f"{windows:,} windows, MB that it shares", f"{shared:.1f}")
    assert own <= MOST_MB
