"""The process that knows the entries' texts and puts doubts to a model.

Rules: the texts are read from the policy's own files and go to the model's server alone. What it sends that
is not one word of the two, what fails and what takes too long is no answer.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
import orjson

from gateway.config import JudgeModel
from gateway.doubt_prompt import messages, said
from gateway.helper import serve
from policy.digest import contents_digest
from policy.file import load_policy

MOST_BYTES = 65_536
# A word and what some models put around it.
MOST_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Doubt:
    """Whether the text is about the entry of this id. `parent` tells its server of the trace."""

    entry: str
    text: str
    parent: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Start:
    """`contents` is the digest of the policy that the snapshot was built from."""

    policy: Path
    contents: str
    model: JudgeModel


class OtherPolicyError(ValueError):
    """The policy's files have changed since."""


def work(line: Connection, start: Start) -> None:
    serve(line, lambda: Asking(start))


class Asking:
    def __init__(self, start: Start) -> None:
        policy = load_policy(start.policy)
        if contents_digest(policy) != start.contents:
            raise OtherPolicyError
        self._model = start.model
        self._entries = {entry.id: replace(entry, retain=(), secrets=()) for entry in policy.entries}
        self._runner = asyncio.Runner()

    def __call__(self, doubts: Sequence[Doubt]) -> list[bool | None]:
        return self._runner.run(self._all(doubts))

    def close(self) -> None:
        self._runner.close()

    async def _all(self, doubts: Sequence[Doubt]) -> list[bool | None]:
        turn = asyncio.Semaphore(self._model.concurrent)
        key = self._model.api_key
        headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
        # Proxies of the environment are ignored: they would see the texts.
        async with aiohttp.ClientSession(headers=headers, trust_env=False) as session:
            return await asyncio.gather(*(self._one(session, turn, doubt) for doubt in doubts))

    async def _one(
        self, session: aiohttp.ClientSession, turn: asyncio.Semaphore, doubt: Doubt
    ) -> bool | None:
        entry = self._entries.get(doubt.entry)
        if entry is None:
            return None
        body = {
            "model": self._model.model,
            "messages": messages(entry, doubt.text),
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
        }
        try:
            async with asyncio.timeout(self._model.timeout_s), turn:
                return _read(await self._answer(session, orjson.dumps(body), doubt.parent))
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError):
            return None

    async def _answer(self, session: aiohttp.ClientSession, body: bytes, parent: str | None) -> bytes:
        url = f"{self._model.base_url}/chat/completions"
        headers = {"Content-Type": "application/json"} | ({"traceparent": parent} if parent else {})
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            data = bytearray()
            async for piece in response.content.iter_any():
                data += piece
                if response.status != 200 or len(data) > MOST_BYTES:
                    return b""
            return bytes(data)


def _read(answer: bytes) -> bool | None:
    try:
        return said(orjson.loads(answer)["choices"][0]["message"]["content"])
    except (ValueError, KeyError, IndexError, TypeError):
        return None
