"""Runs the gateway: binds, says where, and ends on SIGINT or SIGTERM."""

import socket
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import uvicorn

from gateway.app import create_app
from gateway.audit import AuditLog
from gateway.config import Config
from gateway.services import Protection, open_audit
from index.similarity import Judge
from policy.policy import Policy

if TYPE_CHECKING:
    from index.snapshot import Snapshot

GRACE_S = 5


def serve(
    config: Config,
    *,
    policy: Policy,
    snapshot: "Snapshot",
    judge: Judge | None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Blocks. `on_ready` gets the base URL, `/v1` included, once requests are accepted."""
    # Whatever can be wrong here is told before anything runs.
    with bind(config.listen.host, config.listen.port) as listener, closing(open_audit(config)) as audit:
        protection = Protection(policy, snapshot, judge, config.limits.judge_s)
        base_url = f"http://{_written(config.listen.host)}:{listener.getsockname()[1]}/v1"
        server = Server(settings(config, protection, audit), base_url, on_ready)
        server.run(sockets=[listener])


def settings(config: Config, protection: Protection, audit: AuditLog | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(config, protection, audit),
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )


class Server(uvicorn.Server):
    """Tells when it accepts."""

    def __init__(self, config: uvicorn.Config, base_url: str, on_ready: Callable[[str], None] | None) -> None:
        super().__init__(config)
        self._base_url, self._on_ready = base_url, on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_ready is not None:
            self._on_ready(self._base_url)


def bind(host: str, port: int) -> socket.socket:
    """Bound before anything starts, so that a port in use is told at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise OSError(error.errno, f"cannot listen on {host}: {error.strerror}") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listener


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
