"""What a gateway in an engine's process has, from the moment its files were read to the end of the server.

Rule: it is closed with the server, and nothing of it is left running.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from gateway.inside.apart import Apart
from gateway.inside.renewal import Renewal
from gateway.services import Services, open_services
from gateway.upstream.client import Connections
from gateway.workers.source import FilesError, Source
from gateway.workers.worker import protection_of


@asynccontextmanager
async def begun(source: Source, apart: Apart, connections: Connections) -> AsyncIterator[Services]:
    found = await asyncio.to_thread(apart.first)
    opened = await asyncio.to_thread(source.open, found)
    protection = protection_of(found, opened)
    async with open_services(found.config, protection, connections=connections) as services:
        del protection, opened
        if services.helm is not None and (refusal := await services.helm.proof.refusal()):
            raise FilesError(refusal)
        renewing = asyncio.ensure_future(Renewal(services, apart, source, found).run())
        try:
            yield services
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
