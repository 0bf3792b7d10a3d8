"""A client that leaves what was sent to it unread is cut off, as one that left.

Rule: what the line does not take waits here, about 64 kB of it, and no more is asked of the model server. The
client has `reader_s` to bring that down to a quarter. A timer runs only while something waits.
"""

import asyncio
import socket
import struct
from typing import Any, ClassVar

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gateway.config import Limits
from gateway.limits.presence import Presence
from gateway.limits.timer import Timer
from gateway.limits.unread_line import UnreadLine

# Where the application finds whether its client is still there, in the state of the request.
PRESENCE = "presence"


class SlowReaders(HttpToolsProtocol):
    limits: ClassVar[Limits]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._answered: RequestResponseCycle | None = None
        self._presence = Presence()
        self._reading_timer = Timer(self.loop, self._cut_off)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = self._unread = UnreadLine(transport, self.loop)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._reading_timer.stop()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._expect_reading()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            # It is closed once all was read, which may be never.
            self._expect_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._reading_timer.stop()
        self._unread.close()
        # The server tells the last request alone; of several that came at once this is the first.
        self._leave()

    def _leave(self) -> None:
        """Whoever works on the answer under way learns that nobody is there any more."""
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()
            self._presence.leave()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answered = cycle
        self._presence = cycle.scope["state"][PRESENCE] = Presence()
        super()._start_asgi_task(cycle, app)

    def _expect_reading(self) -> None:
        self._reading_timer.start(self.limits.reader_s)

    def _cut_off(self) -> None:
        self._presence.unread = True
        # What the kernel still holds for it goes at once, and not when it gives up.
        line: socket.socket = self.transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
