"""What ends a request first is what it is told; what comes after its end hurts nobody."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from gateway import errors
from gateway.body import ClientGone
from gateway.errors import ApiError
from gateway.limits.patience import Patience
from gateway.limits.presence import Presence
from gateway.workers.drain import Drain

Ends = Callable[[Patience, Drain], None]


def own_time(patience: Patience, _: Drain) -> None:
    patience.within(0, errors.too_slow)


def end_of_the_gateway(_: Patience, drain: Drain) -> None:
    drain.begin(0)


def client(patience: Patience, _: Drain) -> None:
    patience.leave()


async def ended_by(*ends: Ends) -> str:
    drain = Drain()
    patience = Patience(drain)
    try:
        async with patience:
            patience.within(3600, errors.upstream_slow)
            for one in ends:
                one(patience, drain)
            async with asyncio.timeout(60):
                await asyncio.Event().wait()
    except ClientGone:
        return "gone"
    except ApiError as error:
        return error.code or ""
    finally:
        assert not drain.under_way
    return "never"


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ((own_time,), "timeout"),
        ((end_of_the_gateway,), "shutting_down"),
        ((client,), "gone"),
        ((client, own_time, end_of_the_gateway), "gone"),
        ((own_time, end_of_the_gateway, client), "gone"),
    ],
)
def test_a_request_is_told_what_ended_it(ends: tuple[Ends, ...], told: str) -> None:
    assert uvloop.run(ended_by(*ends)) == told


def test_a_new_time_takes_the_place_of_the_last() -> None:
    def longer(patience: Patience, _: Drain) -> None:
        patience.within(0.05, errors.too_slow)
        patience.within(0.06, errors.upstream_slow)

    assert uvloop.run(ended_by(longer)) == "upstream_timeout"


def test_a_shorter_time_takes_the_place_of_a_longer_one() -> None:
    def shorter(patience: Patience, _: Drain) -> None:
        patience.within(3600, errors.upstream_slow)
        patience.within(0.01, errors.too_slow)

    assert uvloop.run(ended_by(shorter)) == "timeout"


def test_an_end_that_comes_from_elsewhere_stays_a_cancellation() -> None:
    async def story() -> bool:
        async def work() -> None:
            async with Patience(Drain()):
                await asyncio.Event().wait()

        task = asyncio.ensure_future(work())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert uvloop.run(story())


def test_an_end_while_it_ends_and_after_it_changes_nothing() -> None:
    async def story() -> str:
        drain = Drain()
        patience, told = Patience(drain), ""
        try:
            async with patience:
                patience.leave()
                try:
                    await asyncio.Event().wait()
                finally:
                    drain.begin(0)
                    patience.leave()
        except ClientGone:
            told = "gone"
        drain.begin(0)
        return told

    assert uvloop.run(story()) == "gone"


def test_a_client_that_was_gone_before_is_told_of_at_once_and_one_that_is_let_go_never() -> None:
    presence, told = Presence(), list[str]()
    presence.tell(lambda: told.append("first"))
    presence.tell(None)
    presence.leave()
    assert told == []
    presence.tell(lambda: told.append("second"))
    assert told == ["second"]
