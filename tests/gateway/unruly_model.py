"""A model server that often fails: it cuts streams, falls silent, answers errors, and sends garbage.

Rule: it speaks all APIs. What it does is drawn from a seed, so that two runs of the same length are alike.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.gateway.canned import Script
from tests.gateway.oracle.ways import SPEAKING, Told

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ntransfer-encoding: chunked\r\n\r\n"
BROKEN = b"HTTP/1.1 500 Broken\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
WAYS = {"clean": 60, "long": 5, "cut": 15, "broken": 8, "silent": 4, "garbage": 8}
# One that never fails.
STEADY = {"clean": 95, "long": 5}
LONG = 600
PAUSE_S = 0.001
SILENCE_S = 30.0


@dataclass(slots=True)
class UnrulyModel:
    seed: int
    ways: Mapping[str, int] = field(default_factory=lambda: WAYS)
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
                while await _answered(reader, writer, chance, self.ways):
                    pass
        finally:
            self._lines.discard(task)
            writer.transport.abort()


async def _answered(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    chance: random.Random,
    ways: Mapping[str, int],
) -> bool:
    """Whether the connection may be used again."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    asked = await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    way = chance.choices(list(ways), list(ways.values()))[0]
    if way == "broken":
        writer.write(BROKEN)
        return True
    words = LONG if way == "long" else chance.randint(5, 60)
    script = _said(head.split(b" ")[1].decode(), json.loads(asked).get("stream", False), words)
    events = list(script.pieces)
    if way == "garbage":
        events.insert(chance.randrange(len(events)), b"data: {not json\n\n")
    if way in ("cut", "silent"):
        del events[chance.randrange(len(events)) :]
    writer.write(HEAD % script.content_type.encode())
    for event in events:
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        await writer.drain()
        await asyncio.sleep(PAUSE_S)
    if way == "silent":
        await asyncio.wait_for(reader.read(), SILENCE_S)
    if way != "cut":
        writer.write(b"0\r\n\r\n")
    return way not in ("cut", "silent")


def _said(path: str, streamed: bool, words: int) -> Script:
    """By the API that was asked."""
    says = next(one.says for one in SPEAKING if one.path == path and one.streamed is streamed)
    assert says is not None
    text = "".join(f"word{number} " for number in range(words))
    return says(Told(text, "stop", words, 9), streamed)
