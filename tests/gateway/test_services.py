"""What is replaced while a gateway serves goes with the last request that began with it."""

import asyncio
import gc
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filters.answer_guard import TextKey
from filters.prompt import Segment
from gateway.protection import Protection
from gateway.services import open_services
from index.build import build
from index.similarity import Hit, Tenant
from index.snapshot import Snapshot
from policy.entry import Entry
from policy.surface import Channel, Role
from tests.gateway.running import KEY, config_for, policy_of, protection_of

CONTENT = TextKey(0, Channel.CONTENT)


class Silent:
    threshold, grey, lines = 1.0, 0.5, ()

    def judge(self, texts: Sequence[str], _: Sequence[Tenant] = ()) -> list[tuple[Hit, ...]]:
        return [() for _ in texts]


def judged(folder: Path) -> Protection:
    return protection_of(policy_of(), folder, judge=Silent())


Threads = set[threading.Thread]


def judges() -> Threads:
    return {one for one in threading.enumerate() if one.name == "judge"}


async def ended(ones: Threads, within_s: float = 120.0) -> bool:
    """Whether none of these is left, after a moment."""
    until = time.monotonic() + within_s
    while ones & judges():
        if time.monotonic() > until:
            return False
        gc.collect()
        await asyncio.sleep(0.02)
    return True


def test_a_replaced_protection_ends_with_its_last_request(tmp_path: Path) -> None:
    async def story() -> None:
        others = judges()
        config = config_for("http://127.0.0.1:1/v1", tmp_path / "audit.jsonl")
        async with open_services(config, judged(tmp_path / "one")) as services:
            request, first = services.protection, judges() - others
            services.take(config, judged(tmp_path / "two"))
            assert services.protection is not request
            second = judges() - others - first
            assert len(first) == len(second) == 1
            assert not await ended(first, within_s=0.1)
            del request
            assert await ended(first)
            assert second <= judges()
        assert await ended(second)

    asyncio.run(story())


def test_one_reading_of_the_clock_says_what_is_in_force_for_a_prompt_and_its_answer(tmp_path: Path) -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    readings = iter([noon, noon + timedelta(days=1)])
    policy = policy_of(Entry("crane", names=("Alden Crane",), start=noon + timedelta(hours=1)))
    build(policy, tmp_path, KEY)
    protection = Protection(policy, Snapshot.load(tmp_path, KEY), None, 5.0, clock=lambda: next(readings))

    def said(asked: str, answer: str) -> str:
        segments = (Segment(Role.USER, asked, 0, ("messages", 0, "content")),)
        report = protection.reader.scanner(protection.scan("demo")).scan(segments)
        guard = protection.guard(report, "demo", machine_read=False)
        return guard.feed(CONTENT, answer).text + guard.finish(CONTENT).text

    assert said("Who keeps it?", "Alden Crane does.") == "Alden Crane does."
    assert "Crane" not in said("Who keeps it?", "Alden Crane does.")
    assert next(readings, None) is None
    protection.close()
