"""What is replaced while a gateway serves goes with the last request that began with it."""

import asyncio
import gc
import threading
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


def judges() -> int:
    return sum(one.name == "judge" for one in threading.enumerate())


async def ended(left: int, within: int = 6000) -> bool:
    """Whether only so many judges are left, after a moment."""
    for _ in range(within):
        gc.collect()
        if judges() == left:
            return True
        await asyncio.sleep(0.01)
    return False


def test_a_replaced_protection_ends_with_its_last_request(tmp_path: Path) -> None:
    async def story() -> None:
        before = judges()
        config = config_for("http://127.0.0.1:1/v1", tmp_path / "audit.jsonl")
        async with open_services(config, judged(tmp_path / "one")) as services:
            request = services.protection
            services.take(config, judged(tmp_path / "two"))
            assert services.protection is not request
            assert not await ended(before + 1, within=10)
            del request
            assert await ended(before + 1)
        assert await ended(before)

    asyncio.run(story())
