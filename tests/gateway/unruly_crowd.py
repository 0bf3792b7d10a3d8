"""Clients that behave as some do: they leave in the middle, read a little at a time, or never finish asking.

Rules: as many are connected at any time as there are clients; what each does is drawn from a seed. How much
they do is a number and no time, so that it is the same on every machine.
"""

import asyncio
import json
import random
import socket
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tests.gateway.oracle.ways import SPEAKING, Way

CLIENTS = 64
WAYS = {"reads": 45, "leaves": 30, "dawdles": 12, "breaks off": 5, "asks of the forgotten": 8}
ANSWER_S = 120.0


@dataclass(slots=True)
class UnrulyCrowd:
    """`apis` are those that it asks by. `done` counts what was done, by way, and `told` the statuses of what
    was read to its end; each run goes on where the last one stopped.
    """

    port: int
    seed: int
    apis: Sequence[Way] = SPEAKING[:2]
    done: Counter[str] = field(default_factory=Counter)
    told: Counter[bytes] = field(default_factory=Counter)

    async def run(self, times: int) -> None:
        """Each client so many times."""
        self.seed += 1
        await asyncio.gather(*(self._client(self.seed * CLIENTS + one, times) for one in range(CLIENTS)))

    async def _client(self, seed: int, times: int) -> None:
        chance = random.Random(seed)
        for _ in range(times):
            way = chance.choices(list(WAYS), list(WAYS.values()))[0]
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                async with asyncio.timeout(ANSWER_S):
                    await self._once(way, chance)
            self.done[way] += 1

    async def _once(self, way: str, chance: random.Random) -> None:
        with socket.socket() as line:
            if way == "dawdles":
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            line.setblocking(False)
            await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", self.port))
            reader, writer = await asyncio.open_connection(sock=line, limit=4096)
            try:
                writer.write(_request(way, chance, self.apis))
                if status := await _heard(way, reader, chance):
                    self.told[status] += 1
            finally:
                writer.transport.abort()
                await asyncio.sleep(0)


def _request(way: str, chance: random.Random, apis: Sequence[Way]) -> bytes:
    content = "Who is Alden Crane?" if way == "asks of the forgotten" else "What turns?"
    streamed = chance.random() < 0.9
    api = chance.choice([one for one in apis if one.streamed is streamed])
    body = json.dumps({"model": "demo", "stream": streamed, **api.asks(content)}).encode()
    head = f"POST {api.path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close"
    whole = f"{head}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
    return whole[: chance.randrange(len(whole))] if way == "breaks off" else whole


async def _heard(way: str, reader: asyncio.StreamReader, chance: random.Random) -> bytes | None:
    """The status of what was read to its end."""
    match way:
        case "breaks off":
            await asyncio.sleep(chance.random() * 0.1)
        case "leaves":
            await reader.readexactly(chance.randrange(4000))
        case "dawdles":
            for _ in range(chance.randrange(30)):
                await reader.read(512)
                await asyncio.sleep(0.02)
        case _:
            status = (await reader.readuntil(b" ") + await reader.readexactly(3))[-3:]
            while await reader.read(65536):
                pass
            return status
    return None
