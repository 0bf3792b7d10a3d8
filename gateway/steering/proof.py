"""Whether steering is in force now, and what becomes of requests while it is not.

Rules:
1. A request is let on only after a canary came back for the engine that it goes to: at the start, after a
   request that lost the engine, and every so often, because another process may answer at its address.
2. Where steering is required, nothing is served without it. Where it is preferred, the filters serve alone.
3. No answer to a canary says nothing: an engine that has shown that it steers is believed for a while.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from gateway import errors
from gateway.config import Steering, SteeringMode
from gateway.errors import ApiError
from gateway.place import place
from gateway.steering.canary import Obeys

log = logging.getLogger("unsay")

# So long a busy engine need not answer a canary.
BELIEVED_S = 60.0
AGAIN_S = 1.0
WORST = (Obeys.NOT_IN_FORCE, Obeys.UNREACHABLE, Obeys.STALE, Obeys.IN_FORCE)
ACTING = frozenset({Obeys.IN_FORCE, Obeys.STALE})
# One that is slow is still the same process.
LOST = frozenset({"upstream_unreachable", "upstream_incomplete"})

# What every model of the engine does now.
Ask = Callable[[], Awaitable[list[Obeys]]]
Told = Callable[[Obeys], None]


@dataclass(slots=True)
class Proof:
    """`ask` sends the canaries; `told` hears each new verdict. `obeys` is None while nothing is known."""

    settings: Steering
    ask: Ask
    told: Told
    now: Callable[[], float] = time.monotonic
    obeys: Obeys | None = None
    _proven_at: float = float("-inf")
    _known: asyncio.Event = field(default_factory=asyncio.Event)
    _doubted: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def holds(self) -> bool:
        return self.obeys in ACTING

    async def steers(self) -> bool:
        """Whether a request is steered. An error where it must be and is not."""
        if self.holds or self.settings.mode is SteeringMode.OFF:
            return self.holds
        await self._known.wait()
        if self.holds or self.settings.mode is SteeringMode.PREFERRED:
            return self.holds
        raise errors.upstream_down() if self.obeys is Obeys.UNREACHABLE else errors.unsteered()

    async def refusal(self) -> str | None:
        """Why nothing may be served from the start, once that is known."""
        if self.settings.mode is not SteeringMode.REQUIRED:
            return None
        await self._known.wait()
        if self.obeys is Obeys.NOT_IN_FORCE:
            return (
                "steering.mode: required: expected a model server that steers, found one that ignored the "
                "canary; is its plug-in loaded, with the same key?"
            )
        return None

    def lost(self, code: str | None) -> None:
        """A request failed so: another process may answer the next one."""
        if code in LOST and self.holds:
            self._learn(None)
            self._doubted.set()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        if self.settings.mode is SteeringMode.OFF:
            yield
            return
        task = asyncio.ensure_future(self._watch())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        while True:
            await self.look()
            pause = AGAIN_S if self.obeys is Obeys.UNREACHABLE else self.settings.check_s
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._doubted.wait()

    async def look(self) -> None:
        """Ask now, and take in the answer."""
        self._doubted.clear()
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                heard = await self.ask()
        except (TimeoutError, ApiError):
            heard = [Obeys.UNREACHABLE]
        except Exception as error:
            # Who looks must go on looking, or what was true once would be believed for ever.
            log.error("steering: a canary failed: %s in %s", type(error).__name__, place(error))
            heard = [Obeys.UNREACHABLE]
        found = min(heard, key=WORST.index, default=Obeys.UNREACHABLE)
        if found in ACTING and self._doubted.is_set():
            # It may be the answer of the one that was lost meanwhile.
            return
        if found in ACTING:
            self._proven_at = self.now()
        if found is Obeys.UNREACHABLE and self.holds and self.now() - self._proven_at < BELIEVED_S:
            return
        self._learn(found)

    def _learn(self, obeys: Obeys | None) -> None:
        if obeys is None:
            self._known.clear()
        else:
            self._known.set()
            if obeys is not self.obeys:
                log.log(logging.INFO if obeys is Obeys.IN_FORCE else logging.WARNING, "steering: %s", obeys)
            self.told(obeys)
        self.obeys = obeys
