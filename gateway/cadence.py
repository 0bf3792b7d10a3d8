"""An outlet whose streams leave at fixed moments, so that their times tell nothing of where the guard held.

Rules: the moments are whole beats after the request came. At each of them all leaves that is certain by then,
the pieces of one text as one; where nothing is, a comment that clients skip. The end keeps to them too, and
so does an error, but before anything left: then it is an answer of its own. A client that reads slowly holds
up whoever sends, as without a beat.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from starlette.types import Send

from gateway.errors import ApiError, Json
from gateway.outlet import Outlet
from gateway.wire.framing import Framing

NOTHING = b":\n\n"

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class PacedOutlet(Outlet):
    """Close it when the request is over, however it ended."""

    def __init__(
        self,
        send: Send,
        request_id: str,
        every_s: float,
        framing: Framing | None = None,
        clock: Clock | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(send, request_id, framing)
        self._every_s, self._sleep = every_s, sleep
        self._clock = clock or asyncio.get_running_loop().time
        self._came, self._last = self._clock(), 0
        self._waiting: list[Json] = []
        # Held by who sends: in between whoever has more to send waits.
        self._turn = asyncio.Lock()
        self._beats: asyncio.Task[None] | None = None

    async def events(self, events: list[Json]) -> None:
        async with self._turn:
            self._look()
            self._waiting += events
        if self._beats is None and self._waiting:
            self._beats = asyncio.create_task(self._beat())

    async def done(self) -> None:
        async with self._turn:
            self._look()
            self.close()
            await self._next()
            await self._let_go()
            await super().done()

    async def fail(self, error: ApiError) -> None:
        async with self._turn:
            self.close()
            if self.begun and not self.ended:
                await self._next()
            await super().fail(error)

    def wait(self) -> None:
        # Who holds the turn has begun, and cut off it would leave half an event.
        if not self._turn.locked():
            self.close()

    def close(self) -> None:
        if self._beats is not None and not self._beats.cancel() and not self._beats.cancelled():
            # Looked at, or asyncio tells of an error that nobody waited for.
            self._beats.exception()

    def _look(self) -> None:
        """Of a beat that failed something was not sent, so that what follows must not be either."""
        if self._beats is not None and self._beats.done():
            self._beats.result()

    async def _beat(self) -> None:
        while True:
            await self._next()
            async with self._turn:
                await self._let_go()

    async def _next(self) -> None:
        since = self._clock() - self._came
        number = max(self._last, int(since / self._every_s)) + 1
        await self._sleep(number * self._every_s - since)
        self._last = number

    async def _let_go(self) -> None:
        events, self._waiting = merged(self._waiting, self.framing), []
        if events:
            await super().events(events)
        elif self.begun:
            await self._body(NOTHING, more=True)


def merged(events: Iterable[Json], framing: Framing) -> list[Json]:
    """The same, with what follows in one text of one choice as one event: sizes tell no pieces."""
    found: list[Json] = []
    for event in events:
        joined = framing.joined(found[-1], event) if found else None
        if joined is None:
            found.append(event)
        else:
            found[-1] = joined
    return found
