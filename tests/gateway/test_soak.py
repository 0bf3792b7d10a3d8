"""Unruly clients, 64 at a time, and a failing model server: when all is quiet again, nothing is left."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from gateway.upstream.pool import KEPT_S
from tests.gateway.counted_gateway import CountedGateway, Held, counted_gateway
from tests.gateway.unruly_crowd import WAYS, UnrulyCrowd
from tests.gateway.unruly_model import UnrulyModel

SEED = 20_261_122
# What an allocator may keep of what it was given; a request alone leaves more than a hundredth of this.
MOST_MB = 4.0


async def quiet(gateway: CountedGateway) -> Held:
    """What it holds once it has seen all clients leave: two looks in a row must say the same."""
    before = gateway.held()
    for _ in range(100):
        await asyncio.sleep(0.1)
        now = gateway.held()
        if (now.tasks, now.descriptors) == (before.tasks, before.descriptors):
            return now
        before = now
    return before


async def no_connections_kept(gateway: CountedGateway) -> None:
    async with asyncio.timeout(2 * KEPT_S + 2):
        while gateway.held().waiting:  # noqa: ASYNC110 (another process tells its count to nobody)
            await asyncio.sleep(0.2)


async def soaked(folder: Path, warm_s: float, soak_s: float, *leaks: str) -> dict[str, float]:
    """How much more it holds after the soak than after the warm-up."""
    model = UnrulyModel(SEED)
    async with model.serving():
        with counted_gateway(model.base_url, folder, *leaks) as gateway:
            crowd = UnrulyCrowd(gateway.port, SEED)
            await crowd.run(warm_s)
            warm = asdict(await quiet(gateway))
            await crowd.run(soak_s)
            after = asdict(await quiet(gateway))
            if not leaks:
                await no_connections_kept(gateway)
    print(dict(crowd.done), warm, after)
    assert set(crowd.done) == set(WAYS)
    return {what: after[what] - warm[what] for what in warm}


def outcomes(folder: Path) -> set[str]:
    lines = (folder / "audit.jsonl").read_text().splitlines()
    return {json.loads(line).get("outcome") for line in lines}


def grown_in(folder: Path, warm_s: float, soak_s: float) -> Mapping[str, float]:
    """By how much, under clients of every kind."""
    grown = asyncio.run(soaked(folder, warm_s, soak_s))
    assert outcomes(folder) >= {"answered", "refused", "failed", "left"}
    assert "Traceback" not in (folder / "log").read_text()
    return grown


def is_steady(grown: Mapping[str, float]) -> bool:
    kept = max(grown["tasks"], grown["threads"], grown["descriptors"])
    return kept <= 0 and grown["memory_mb"] < MOST_MB


def test_unruly_clients_leave_nothing_behind(tmp_path: Path) -> None:
    assert is_steady(grown_in(tmp_path, warm_s=2.0, soak_s=4.0))


@pytest.mark.long
def test_a_minute_of_unruly_clients_leaves_nothing_behind(tmp_path: Path) -> None:
    assert is_steady(grown_in(tmp_path, warm_s=20.0, soak_s=60.0))


def test_what_is_left_behind_is_seen(tmp_path: Path) -> None:
    grown = asyncio.run(soaked(tmp_path, 0.5, 0.5, "leaks"))
    assert min(grown["tasks"], grown["descriptors"]) > 10
