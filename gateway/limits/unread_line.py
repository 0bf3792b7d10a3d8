"""A line that is not read for now: its next request waits, or has said more than is wanted yet.

Rule: not even its end would be read, so while it is not read the system is asked now and then for that alone.
Systems other than Linux cannot be asked: there the next byte that is sent finds out.
"""

import asyncio
import select
import socket
import sys

from uvicorn.protocols.http.flow_control import FlowControl

from gateway.limits.timer import Timer

LOOK_S = 1.0


class UnreadLine(FlowControl):
    """Close it with its line."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(transport)
        self._line, self._timer = transport, Timer(loop, self._look)

    def pause_reading(self) -> None:
        super().pause_reading()
        self._timer.start(LOOK_S)

    def resume_reading(self) -> None:
        if self.read_paused:
            super().resume_reading()
            self._timer.stop()

    def close(self) -> None:
        self._timer.stop()

    def _look(self) -> None:
        if is_left(self._line.get_extra_info("socket")):
            self._line.abort()
        else:
            self._timer.start(LOOK_S)


def is_left(line: socket.socket) -> bool:
    """Whether the other end sends no more, seen without reading what it sent."""
    if sys.platform != "linux":
        return False
    seen = select.poll()
    seen.register(line.fileno(), select.POLLRDHUP)
    return bool(seen.poll(0))
