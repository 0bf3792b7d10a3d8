"""Clients that ask one request after the other, and note each answer that they got to its last byte."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp

CLIENTS = 16
QUESTIONS = ("Hello!", "Who is Alden Crane?")
LAST = b"data: [DONE]\n\n"


@dataclass(slots=True)
class Crowd:
    """`on_answer` is called at a last byte, with the number of answers so far. `until` may be changed."""

    port: int
    on_answer: Callable[[int], None]
    until: float
    answered: list[str] = field(default_factory=list)

    async def ask(self) -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(self._client(session, number) for number in range(CLIENTS)))

    async def _client(self, session: aiohttp.ClientSession, number: int) -> None:
        asked = {"model": "demo", "stream": number % 2 == 0}
        messages = [{"role": "user", "content": QUESTIONS[number % 8 // 6]}]
        body = json.dumps({**asked, "messages": messages}).encode()
        while time.monotonic() < self.until:
            # The gateway may be gone, or another process of it takes the next request.
            with suppress(aiohttp.ClientError, ConnectionError):
                await self._one(session, body, number % 2 == 0)

    async def _one(self, session: aiohttp.ClientSession, body: bytes, stream: bool) -> None:
        url = f"http://127.0.0.1:{self.port}/v1/chat/completions"
        async with session.post(url, data=body, headers={"content-type": "application/json"}) as response:
            heard = b""
            # The end of the body may be missing where the last byte of the answer is not.
            with suppress(aiohttp.ClientPayloadError):
                async for piece, _ in response.content.iter_chunks():
                    heard += piece
                    if stream and heard.endswith(LAST):
                        break
            if heard.endswith(LAST) if stream else len(heard) == response.content_length:
                assert response.status == 200, heard
                self.answered.append(response.headers["x-request-id"])
                self.on_answer(len(self.answered))
