"""A body whose connection ended is told so.

aiohttp forgets this when the frames of a body are broken: it closes the connection and its read time-out, and
the reader of the body waits on for what can never come.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp


@contextmanager
def told_when_lost(response: aiohttp.ClientResponse) -> Iterator[None]:
    """While this is open, reading the body of a lost connection fails at once."""
    connection = response.connection
    if connection is None or connection.protocol is None:
        # The whole body came together with the headers.
        yield
        return
    closed = connection.protocol.closed
    if closed is None:
        _tell(response)
        yield
        return

    def lost(_: "asyncio.Future[None]") -> None:
        _tell(response)

    # A connection serves many responses: one callback of this kind for good, and one for as long as this one.
    closed.remove_done_callback(_retrieve)
    closed.add_done_callback(_retrieve)
    closed.add_done_callback(lost)
    try:
        yield
    finally:
        closed.remove_done_callback(lost)


def _tell(response: aiohttp.ClientResponse) -> None:
    content = response.content
    if not content.is_eof() and content.exception() is None:
        content.set_exception(aiohttp.ClientPayloadError("the connection ended within the body"))


def _retrieve(closed: "asyncio.Future[None]") -> None:
    """An exception that nobody asked for would be logged as an error."""
    if not closed.cancelled():
        closed.exception()
