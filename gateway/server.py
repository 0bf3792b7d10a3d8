"""One process that serves: it accepts, and when it is told to end, drains.

Rule: to drain is to accept nothing new, close what is idle, let what is under way go on for `limits.drain_s`,
and then end that closed.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from gateway.app import create_app, framing_of
from gateway.audit.log import AuditLog
from gateway.config import Config
from gateway.protection import Protection
from gateway.protocol import protocol_with
from gateway.services import Services
from gateway.workers.shared import Shared

# For the last bytes, to clients that read them.
GRACE_S = 5


def settings(
    config: Config,
    protection: Protection,
    audit: AuditLog | None = None,
    shared: Shared | None = None,
) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(config, protection, audit, shared),
        http=protocol_with(config.limits, framing_of),
        ws="none",
        loop="uvloop",
        lifespan="on",
        # Whoever starts it says where and how its remarks are written.
        log_config=None,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
    )


class Server(uvicorn.Server):
    """`on_start` is told when it accepts. Signals are left to who runs it."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None] | None = None) -> None:
        super().__init__(config)
        self._on_start = on_start

    @property
    def services(self) -> Services:
        services = self.lifespan.state["services"]
        assert isinstance(services, Services)
        return services

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def leave(self, drain_s: float | None = None) -> None:
        """Begin to end; told once more, sooner."""
        self.services.drain.begin(self.services.config.limits.drain_s if drain_s is None else drain_s)
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_start is not None:
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.leave()
        self.config.timeout_graceful_shutdown = int(self.services.drain.left_s() + GRACE_S)
        await super().shutdown(sockets)


def base_url(host: str, listener: socket.socket) -> str:
    written = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{written}:{listener.getsockname()[1]}/v1"


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
