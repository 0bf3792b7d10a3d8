"""When a gateway ends, every request under way learns of it inside, as an error of the API."""

import asyncio
import json
from pathlib import Path

import pytest
from starlette.requests import Request

from gateway.errors import ApiError
from gateway.limits.patience import Patience
from gateway.services import open_services
from gateway.side_routes import readyz
from gateway.workers.drain import Drain
from tests.gateway.canned import MODELS, Canned
from tests.gateway.running import config_for, policy_of, protection_of


async def outlives(drain: Drain, over: asyncio.Event) -> str:
    try:
        async with Patience(drain):
            await over.wait()
    except ApiError as error:
        return error.code or ""
    return "done"


def test_the_short_ends_well_and_the_long_closed() -> None:
    async def story() -> None:
        drain = Drain()
        over, never = asyncio.Event(), asyncio.Event()
        short, long = (asyncio.ensure_future(outlives(drain, each)) for each in (over, never))
        await asyncio.sleep(0)
        drain.begin(300.0)
        assert drain.begun
        over.set()
        assert await short == "done"
        drain.begin(0.05)
        assert await long == "shutting_down"
        assert await outlives(drain, never) == "shutting_down"

    asyncio.run(story())


def test_told_again_it_ends_sooner_and_never_later() -> None:
    async def story() -> None:
        drain = Drain()
        asked = asyncio.ensure_future(outlives(drain, asyncio.Event()))
        await asyncio.sleep(0)
        drain.begin(3600.0)
        drain.begin(0.05)
        drain.begin(7200.0)
        assert await asyncio.wait_for(asked, 120) == "shutting_down"

    asyncio.run(story())


def test_a_time_out_of_the_request_itself_stays_what_it_is() -> None:
    async def story() -> None:
        drain = Drain()
        with pytest.raises(TimeoutError):
            async with Patience(drain), asyncio.timeout(0.01):
                await asyncio.sleep(5)

    asyncio.run(story())


def test_a_gateway_that_ends_says_that_it_is_not_ready(canned: Canned, tmp_path: Path) -> None:
    async def story() -> None:
        canned.play(MODELS)
        config = config_for(canned.base_url, tmp_path / "audit.jsonl")
        async with open_services(config, protection_of(policy_of(), tmp_path / "snapshot")) as services:
            request = Request({"type": "http", "state": {"services": services}})
            assert (await readyz(request)).status_code == 200
            services.drain.begin(5)
            answer = await readyz(request)
            assert answer.status_code == 503
            assert json.loads(bytes(answer.body))["draining"] is True

    asyncio.run(story())
