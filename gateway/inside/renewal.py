"""When files change while an engine serves: what is new is put in force, without a new start.

Rule: what cannot be used changes nothing and is told; the last good one stays in force.
"""

import asyncio
import logging
import time

from gateway.inside.apart import Apart
from gateway.place import place
from gateway.services import Services
from gateway.workers.reload import STILL_S, Unread, Watch
from gateway.workers.source import TOLD, Found, Source
from gateway.workers.worker import protection_of

log = logging.getLogger("unsay")


class Renewal:
    def __init__(self, services: Services, apart: Apart, source: Source, found: Found) -> None:
        self._services, self._apart, self._source, self._found = services, apart, source, found
        self._watch = Watch(found.sight)

    async def run(self) -> None:
        """Until it is cancelled."""
        while (watch_s := self._services.config.reload.watch_s) > 0:
            await asyncio.sleep(max(STILL_S, self._watch.wait_s()))
            try:
                if await asyncio.to_thread(self._watch.due, watch_s):
                    await self._renew()
            except Exception as error:
                # Whatever it was, what comes next is looked at as well. Its message may hold text.
                self._keep(f"{type(error).__name__} in {place(error)}")

    async def _renew(self) -> None:
        found = await asyncio.to_thread(self._apart.read, self._found)
        if isinstance(found, Unread):
            return self._keep(found.said)
        self._watch.took(found.sight)
        try:
            opened = await asyncio.to_thread(self._source.open, found)
            protection = protection_of(found, opened)
            await protection.warm()
        except TOLD as error:
            return self._keep(*found.problems, str(error))
        self._services.take(found.config, protection)
        self._found = found
        self._tell(found.problems)
        digest, generation = protection.digest, protection.snapshot.generation
        log.info("in force: policy %s, snapshot generation %d", digest[:16], generation)
        return None

    def _keep(self, *problems: str) -> None:
        self._tell(problems)

    def _tell(self, problems: tuple[str, ...]) -> None:
        for problem in problems:
            log.error("not taken, and the last good one stays in force: %s", problem)
        self._services.reload_failed(time.time() if problems else None)
