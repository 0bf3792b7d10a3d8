"""Steering is believed to be in force only while canaries show it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from gateway.config import Steering, SteeringMode
from gateway.errors import ApiError, upstream_down
from gateway.steering.canary import Obeys
from gateway.steering.proof import BELIEVED_S, Proof

IN_FORCE, STALE, NOT, AWAY = Obeys.IN_FORCE, Obeys.STALE, Obeys.NOT_IN_FORCE, Obeys.UNREACHABLE


@dataclass(slots=True)
class World:
    """`says` is what the models do; an error is raised, and an event waited for before the answer."""

    says: Sequence[Obeys] | Exception = (IN_FORCE,)
    at: float = 0.0
    asked: int = 0
    waits: asyncio.Event | None = None
    heard: list[Obeys] = field(default_factory=list)

    async def ask(self) -> list[Obeys]:
        self.asked += 1
        if self.waits is not None:
            await self.waits.wait()
        if isinstance(self.says, Exception):
            raise self.says
        return list(self.says)

    def proof(self, mode: str = "required", **settings: float) -> Proof:
        config = Steering.model_validate({"mode": mode, **settings})
        return Proof(config, self.ask, self.heard.append, lambda: self.at)


T = TypeVar("T")


def run(what: Callable[[], Awaitable[T]]) -> T:
    async def bounded() -> T:
        return await asyncio.wait_for(what(), 60)

    return asyncio.run(bounded())


async def error_of(proof: Proof) -> ApiError:
    with pytest.raises(ApiError) as error:
        await proof.steers()
    return error.value


@pytest.mark.parametrize("said", [IN_FORCE, STALE])
def test_an_engine_that_obeys_is_let_on(said: Obeys) -> None:
    async def asked() -> bool:
        proof = World([said]).proof()
        await proof.look()
        return await proof.steers()

    assert run(asked)


def test_nothing_is_served_by_an_engine_that_does_not_obey_where_that_is_required() -> None:
    async def asked() -> tuple[ApiError, str | None]:
        proof = World([NOT]).proof()
        await proof.look()
        return await error_of(proof), await proof.refusal()

    error, refusal = run(asked)
    assert (error.status, error.code) == (503, "unavailable")
    assert refusal is not None
    assert "canary" in refusal


def test_one_model_that_does_not_obey_is_enough() -> None:
    async def asked() -> ApiError:
        proof = World([IN_FORCE, NOT, STALE]).proof()
        await proof.look()
        return await error_of(proof)

    assert run(asked).status == 503


def test_where_it_is_preferred_the_filters_serve_alone() -> None:
    async def asked() -> tuple[bool, str | None]:
        proof = World([NOT]).proof("preferred")
        await proof.look()
        return await proof.steers(), await proof.refusal()

    assert run(asked) == (False, None)


def test_an_engine_that_is_away_is_no_reason_not_to_start_and_none_to_serve() -> None:
    async def asked() -> tuple[ApiError, str | None]:
        proof = World(upstream_down()).proof()
        await proof.look()
        return await error_of(proof), await proof.refusal()

    error, refusal = run(asked)
    assert (error.code, refusal) == ("upstream_unreachable", None)


def test_no_models_show_nothing() -> None:
    async def asked() -> Obeys | None:
        proof = World([]).proof()
        await proof.look()
        return proof.obeys

    assert run(asked) is AWAY


def test_a_request_waits_until_the_first_canary_is_back() -> None:
    async def asked() -> list[bool]:
        world = World(waits=asyncio.Event())
        proof = world.proof()
        async with proof.watching():
            request = asyncio.ensure_future(proof.steers())
            while not world.asked:  # noqa: ASYNC110
                await asyncio.sleep(0)
            before = request.done()
            assert world.waits is not None
            world.waits.set()
            return [before, await request]

    assert run(asked) == [False, True]


@pytest.mark.parametrize("code", ["upstream_unreachable", "upstream_incomplete"])
def test_after_an_engine_was_lost_it_must_show_itself_anew(code: str) -> None:
    async def asked() -> tuple[bool, ApiError, list[Obeys]]:
        world = World()
        proof = world.proof(check_s=3600)
        async with proof.watching():
            before = await proof.steers()
            world.says = [NOT]
            proof.lost(code)
            return before, await error_of(proof), world.heard

    before, error, heard = run(asked)
    assert before
    assert error.status == 503
    assert heard == [IN_FORCE, NOT]


def test_a_canary_that_was_under_way_when_the_engine_was_lost_shows_nothing() -> None:
    async def asked() -> list[Obeys | None]:
        world = World()
        proof = world.proof()
        await proof.look()
        world.waits = asyncio.Event()
        looking = asyncio.ensure_future(proof.look())
        while world.asked < 2:  # noqa: ASYNC110
            await asyncio.sleep(0)
        proof.lost("upstream_incomplete")
        world.waits.set()
        await looking
        meanwhile = proof.obeys
        await proof.look()
        return [meanwhile, proof.obeys]

    assert run(asked) == [None, IN_FORCE]


def test_an_error_that_the_engine_told_loses_nothing() -> None:
    async def asked() -> Obeys | None:
        proof = World().proof()
        await proof.look()
        for code in ("upstream_error", "upstream_invalid", "upstream_timeout", "internal", None):
            proof.lost(code)
        return proof.obeys

    assert run(asked) is IN_FORCE


def test_a_busy_engine_is_believed_for_a_while() -> None:
    async def asked() -> list[Obeys | None]:
        world = World()
        proof = world.proof()
        await proof.look()
        world.says, found = [AWAY], list[Obeys | None]()
        for world.at in (BELIEVED_S - 1, BELIEVED_S):
            await proof.look()
            found.append(proof.obeys)
        return found

    assert run(asked) == [IN_FORCE, AWAY]


def test_whatever_breaks_a_canary_it_is_asked_again_and_not_believed_for_ever() -> None:
    async def asked() -> tuple[Obeys | None, Obeys | None]:
        world = World()
        proof = world.proof(check_s=0.001)
        async with proof.watching():
            await proof.steers()
            world.says, world.at = RuntimeError(), BELIEVED_S
            while proof.holds:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            broken = proof.obeys
            world.says = [IN_FORCE]
            while not proof.holds:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            return broken, proof.obeys

    assert run(asked) == (AWAY, IN_FORCE)


def test_one_that_was_lost_is_not_believed() -> None:
    async def asked() -> Obeys | None:
        world = World()
        proof = world.proof()
        await proof.look()
        proof.lost("upstream_unreachable")
        world.says = upstream_down()
        await proof.look()
        return proof.obeys

    assert run(asked) is AWAY


def test_one_that_says_nothing_is_not_waited_for_longer_than_the_settings_say() -> None:
    async def asked() -> Obeys | None:
        proof = World(waits=asyncio.Event()).proof(timeout_s=0.01)
        await proof.look()
        return proof.obeys

    assert run(asked) is AWAY


def test_it_is_asked_again_and_again() -> None:
    async def asked() -> tuple[int, Obeys | None]:
        world = World([NOT])
        proof = world.proof(check_s=0.001)
        async with proof.watching():
            await proof.refusal()
            world.says = [IN_FORCE]
            while not proof.holds:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            return world.asked, proof.obeys

    times, obeys = run(asked)
    assert times >= 2
    assert obeys is IN_FORCE


def test_modes_have_three_names() -> None:
    assert [*SteeringMode] == ["required", "preferred", "off"]
