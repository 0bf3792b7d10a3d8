"""What is replaced while a gateway serves goes with the last request that began with it."""

import asyncio
import gc
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from gateway.services import Protection, open_services
from index.similarity import Hit
from tests.gateway.running import config_for, policy_of, protection_of


class Silent:
    threshold, grey, lines = 1.0, 0.5, ()

    def judge(self, texts: Sequence[str]) -> list[tuple[Hit, ...]]:
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
