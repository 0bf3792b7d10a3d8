"""A model server that often fails: it cuts streams, falls silent, answers errors, and sends garbage.

Rule: what it does is drawn from a seed, so that two runs of the same length are alike.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.gateway.canned import DONE, said

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
BROKEN = b"HTTP/1.1 500 Broken\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
WAYS = {"clean": 60, "long": 5, "cut": 15, "broken": 8, "silent": 4, "garbage": 8}
LONG = 600
PAUSE_S = 0.001
SILENCE_S = 30.0


@dataclass(slots=True)
class UnrulyModel:
    seed: int
    port: int = 0
    _lines: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for task in self._lines:
                task.cancel()
            await asyncio.gather(*self._lines, return_exceptions=True)

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        self.seed += 1
        chance = random.Random(self.seed)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await _answered(reader, writer, chance):
                    pass
        finally:
            self._lines.discard(task)
            writer.transport.abort()


async def _answered(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random
) -> bool:
    """Whether the connection may be used again."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    way = chance.choices(list(WAYS), list(WAYS.values()))[0]
    if way == "broken":
        writer.write(BROKEN)
        return True
    words = LONG if way == "long" else chance.randint(5, 60)
    events = [*said([f"word{number} " for number in range(words)]), DONE]
    if way == "garbage":
        events.insert(chance.randrange(words), b"data: {not json\n\n")
    if way in ("cut", "silent"):
        del events[chance.randrange(words) :]
    writer.write(HEAD)
    for event in events:
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        await writer.drain()
        await asyncio.sleep(PAUSE_S)
    if way == "silent":
        await asyncio.wait_for(reader.read(), SILENCE_S)
    if way != "cut":
        writer.write(b"0\r\n\r\n")
    return way not in ("cut", "silent")
