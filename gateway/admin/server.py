"""The process that takes forget requests: one, on a port of its own.

Rule: told to end, it takes nothing new, and what is being committed is committed.
"""

from collections.abc import Callable
from typing import Final

import uvicorn

from gateway.admin.app import created
from gateway.admin.ledger_desk import LedgerDesk
from gateway.app import framing_of
from gateway.config import Limits, is_loopback
from gateway.config_admin import Admin
from gateway.protocol import protocol_with
from gateway.server import base_url, bind

# For what is being compiled when it is told to end.
GRACE_S: Final = 120


class Unguarded(ValueError):
    """Anybody who can reach this address could have anything withheld."""


def serve(admin: Admin, desk: LedgerDesk, on_ready: Callable[[str], None]) -> None:
    """Blocks until told to end. `on_ready` gets the base URL, `/v1` included."""
    if not admin.keys and not is_loopback(admin.host):
        raise Unguarded("admin.host: expected a loopback address while there are no keys under admin.keys")
    with bind(admin.host, admin.port) as listener:
        url = base_url(admin.host, listener)
        Server(settings(admin, desk), lambda: on_ready(url)).run(sockets=[listener])


def settings(admin: Admin, desk: LedgerDesk) -> uvicorn.Config:
    limits = Limits(body_bytes=admin.body_bytes, body_s=admin.body_s)
    return uvicorn.Config(
        created(admin, desk),
        http=protocol_with(limits, framing_of),
        ws="none",
        loop="uvloop",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )


class Server(uvicorn.Server):
    """`on_start` is told when it accepts."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: object = None) -> None:
        await super().startup(sockets)  # type: ignore[arg-type]  # only named, so that the type need not be
        if self.started:
            self._on_start()
