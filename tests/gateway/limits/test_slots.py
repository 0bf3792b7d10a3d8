"""Requests wait in their order, for a while, and no place is lost by whoever leaves or breaks."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import pytest

from gateway.body import ClientGone
from gateway.config import Limits
from gateway.errors import ApiError
from gateway.limits.patience import Patience
from gateway.limits.presence import Presence
from gateway.limits.slots import Slots
from gateway.workers.drain import Drain


def slots(**limits: Any) -> Slots:
    return Slots(Limits.model_validate({"requests": 1, "queue": 8, "queue_s": 60} | limits))


async def hold(held: Slots, until: asyncio.Event) -> None:
    async with held.one():
        await until.wait()


async def visit(held: Slots, until: asyncio.Event, presence: Presence) -> None:
    patience = Patience(Drain())
    async with patience:
        presence.tell(patience.leave)
        try:
            await hold(held, until)
        finally:
            presence.tell(None)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_who_came_first_is_next() -> None:
    async def run() -> list[int]:
        held, order, first = slots(), [], asyncio.Event()

        async def come(number: int) -> None:
            async with held.one():
                order.append(number)
                await asyncio.sleep(0)

        holding = asyncio.ensure_future(hold(held, first))
        await settled()
        coming = [asyncio.ensure_future(come(number)) for number in range(5)]
        await settled()
        assert held.waiting == 5
        first.set()
        await asyncio.gather(holding, *coming)
        assert held.waiting == 0
        return order

    assert asyncio.run(run()) == [0, 1, 2, 3, 4]


async def is_told_to_come_again(waiting: Coroutine[Any, Any, None] | asyncio.Task[None]) -> None:
    with pytest.raises(ApiError) as told:
        await waiting
    assert (told.value.status, told.value.code, told.value.retry_after) == (503, "overloaded", "1")


def test_a_full_queue_is_told_at_once() -> None:
    async def run() -> None:
        held, over = slots(queue=1), asyncio.Event()
        coming = [asyncio.ensure_future(hold(held, over)) for _ in range(2)]
        await settled()
        assert held.waiting == 1
        await asyncio.wait_for(is_told_to_come_again(hold(held, over)), 60)
        assert held.waiting == 1
        over.set()
        await asyncio.gather(*coming)

    asyncio.run(run())


def test_a_long_wait_ends() -> None:
    async def run() -> None:
        held, over = slots(queue_s=0.05), asyncio.Event()
        holding = asyncio.ensure_future(hold(held, over))
        await settled()
        await is_told_to_come_again(hold(held, over))
        assert held.waiting == 0
        over.set()
        await holding
        await asyncio.wait_for(hold(held, over), 60)

    asyncio.run(run())


@pytest.mark.parametrize("way", ["leaves", "is cancelled"])
def test_whoever_leaves_the_queue_frees_its_place(way: str) -> None:
    async def run() -> None:
        held, never, presence = slots(queue=1), asyncio.Event(), Presence()
        holding = asyncio.ensure_future(hold(held, never))
        await settled()
        waiting = asyncio.ensure_future(visit(held, never, presence))
        await settled()
        presence.leave() if way == "leaves" else waiting.cancel()
        with pytest.raises(ClientGone if way == "leaves" else asyncio.CancelledError):
            await asyncio.wait_for(waiting, 60)
        assert held.waiting == 0
        never.set()
        await holding
        await asyncio.wait_for(hold(held, never), 60)

    asyncio.run(run())


@pytest.mark.parametrize("steps", range(6))
def test_a_client_that_leaves_as_its_turn_comes_loses_no_slot(steps: int) -> None:
    async def run() -> None:
        held, never, presence = slots(), asyncio.Event(), Presence()
        holding = asyncio.ensure_future(hold(held, never))
        await settled()
        waiting = asyncio.ensure_future(visit(held, never, presence))
        await settled()
        never.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        presence.leave()
        with suppress(ClientGone):
            await waiting
        await holding
        await asyncio.wait_for(hold(held, never), 60)
        assert held.waiting == 0

    asyncio.run(run())
