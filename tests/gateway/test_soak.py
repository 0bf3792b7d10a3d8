"""Unruly clients, 64 at a time, and a failing model server: when all is quiet again, nothing is left."""

import asyncio
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

import pytest

from tests.gateway.counted_gateway import CountedGateway, Held, counted_gateway
from tests.gateway.oracle.ways import SPEAKING
from tests.gateway.unruly_crowd import WAYS, UnrulyCrowd
from tests.gateway.unruly_model import STEADY, UnrulyModel

SEED = 20_261_122
# What an allocator may keep of what it was given; a request alone leaves more than a hundredth of this.
MOST_MB = 4.0
# Rounds of all clients: to warm up, and to look after.
SHORT, LONG = (2, 2, 2), (40, 60, 60)
ENDS_S = 120.0
# So long, and so many rounds at the least; the first are to warm up.
SOAK_S = float(os.environ.get("UNSAY_SOAK_S", "1800"))
LEAST_ROUNDS, WARM = 9, 3
SAME = 10


async def quiet(gateway: CountedGateway, most: Held | None = None) -> Held:
    """What it holds once it has seen all clients leave: no more than `most`, or the same for a second.

    No more than `most` is waited for longer than anything takes to end that ends at all.
    """
    began, seen = time.monotonic(), [gateway.held()]
    while time.monotonic() - began < ENDS_S:
        if most is not None and not more(most, seen[-1]):
            break
        if most is None and len(seen) > SAME and not any(more(seen[-1], one) for one in seen[-SAME:]):
            break
        await asyncio.sleep(0.1)
        seen.append(gateway.held())
    return seen[-1]


def more(than: Held, held: Held) -> bool:
    return held.tasks > than.tasks or held.threads > than.threads or held.descriptors > than.descriptors


async def no_connections_kept(gateway: CountedGateway) -> None:
    async with asyncio.timeout(ENDS_S):
        while gateway.held().waiting:  # noqa: ASYNC110 (another process tells its count to nobody)
            await asyncio.sleep(0.2)


async def soaked(folder: Path, times: Sequence[int], *leaks: str) -> list[dict[str, float]]:
    """How much more it holds after each soak than before it; the first is to warm up."""
    model, grown = UnrulyModel(SEED), []
    async with model.serving():
        with counted_gateway(model.base_url, folder, *leaks) as gateway:
            crowd = UnrulyCrowd(gateway.port, SEED)
            await crowd.run(times[0])
            before = await quiet(gateway)
            for each in times[1:]:
                await crowd.run(each)
                after = await quiet(gateway, None if leaks else before)
                grown.append({what: held - asdict(before)[what] for what, held in asdict(after).items()})
                before = after
            if not leaks:
                await no_connections_kept(gateway)
    print(dict(crowd.done), grown)
    assert set(crowd.done) == set(WAYS)
    return grown


def outcomes(folder: Path) -> set[str]:
    with (folder / "audit.jsonl").open() as lines:
        found = {json.loads(line).get("outcome") for line in lines}
    return found - {None}


def grown_in(folder: Path, *times: int) -> list[dict[str, float]]:
    """By how much, under clients of every kind."""
    grown = asyncio.run(soaked(folder, times))
    assert outcomes(folder) >= {"answered", "refused", "failed", "left"}
    assert "Traceback" not in (folder / "log").read_text()
    return grown


def is_steady(grown: Sequence[Mapping[str, float]]) -> bool:
    """What leaks leaks every time; an allocator that keeps more than before does so once."""
    kept = max(max(each["tasks"], each["threads"], each["descriptors"]) for each in grown)
    return kept <= 0 and min(each["memory_mb"] for each in grown) < MOST_MB


def test_unruly_clients_leave_nothing_behind(tmp_path: Path) -> None:
    assert is_steady(grown_in(tmp_path, *SHORT))


@pytest.mark.long
def test_a_minute_of_unruly_clients_leaves_nothing_behind(tmp_path: Path) -> None:
    assert is_steady(grown_in(tmp_path, *LONG))


async def soaked_for(folder: Path, seconds: float) -> tuple[list[Held], UnrulyCrowd]:
    """What it holds after each round of clients by all APIs, and how they were answered."""
    model, seen = UnrulyModel(SEED, STEADY), list[Held]()
    async with model.serving():
        with counted_gateway(model.base_url, folder, "patient") as gateway:
            crowd = UnrulyCrowd(gateway.port, SEED, SPEAKING[:8])
            ends = time.monotonic() + seconds
            while len(seen) < LEAST_ROUNDS or time.monotonic() < ends:
                await crowd.run(20)
                seen.append(await quiet(gateway, seen[WARM] if len(seen) > WARM else None))
            await no_connections_kept(gateway)
    return seen, crowd


def grew(seen: Sequence[Held]) -> float:
    """How much more memory it holds in the last third of the rounds than in the first, in MB."""
    held, third = [one.memory_mb for one in seen[WARM:]], len(seen[WARM:]) // 3
    return median(held[-third:]) - median(held[:third])


@pytest.mark.long
@pytest.mark.timeout(3 * SOAK_S + 600)
def test_half_an_hour_of_clients_by_all_apis_leaves_nothing_behind(tmp_path: Path) -> None:
    seen, crowd = asyncio.run(soaked_for(tmp_path, SOAK_S))
    print(len(seen), dict(crowd.done), dict(crowd.told), seen[WARM], seen[-1], f"{grew(seen):+.1f} MB")
    assert not more(seen[WARM], seen[-1])
    assert grew(seen) < MOST_MB
    assert crowd.told == {b"200": crowd.done["reads"] + crowd.done["asks of the forgotten"]}
    assert outcomes(tmp_path) == {"answered", "refused", "left"}
    assert (tmp_path / "log").read_text() == ""


def test_what_is_left_behind_is_seen(tmp_path: Path) -> None:
    (grown,) = asyncio.run(soaked(tmp_path, (2, 2), "leaks"))
    assert min(grown["tasks"], grown["descriptors"]) > 10
    assert not is_steady([grown])
