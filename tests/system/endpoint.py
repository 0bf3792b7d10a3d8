"""One OpenAI-compatible endpoint that is asked many questions at once. It is only ever reached over HTTP."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from openai import AsyncOpenAI

from evaluation.told import Message


@dataclass(frozen=True, slots=True)
class Sampling:
    """How answers are drawn. Without a seed the server chooses one."""

    temperature: float = 0.0
    n: int = 1
    max_tokens: int = 200
    stream: bool = False
    seed: int | None = None

    def body(self) -> dict[str, Any]:
        body = {
            "temperature": self.temperature,
            "n": self.n,
            "max_tokens": self.max_tokens,
            "seed": self.seed,
        }
        return {name: value for name, value in body.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Endpoint:
    base_url: str
    model: str
    api_key: str = "none"
    concurrency: int = 8
    timeout_s: float = 300.0
    headers: dict[str, str] = field(default_factory=dict)

    async def answer_all(
        self, conversations: Sequence[Sequence[Message]], sampling: Sampling
    ) -> list[tuple[str, ...]]:
        """For each conversation the texts of its n answers, everything a client can read joined."""
        gate = asyncio.Semaphore(self.concurrency)
        async with self._client() as client:

            async def one(messages: Sequence[Message]) -> tuple[str, ...]:
                async with gate:
                    return await _answer(client, self.model, messages, sampling)

            return list(await asyncio.gather(*(one(messages) for messages in conversations)))

    def _client(self) -> AsyncOpenAI:
        return AsyncOpenAI(
            base_url=self.base_url,
            api_key=self.api_key,
            timeout=self.timeout_s,
            max_retries=0,
            default_headers=self.headers,
        )


async def _answer(
    client: AsyncOpenAI, model: str, messages: Sequence[Message], sampling: Sampling
) -> tuple[str, ...]:
    request: dict[str, Any] = {"model": model, "messages": list(messages), **sampling.body()}
    if sampling.stream:
        return await _streamed(client, request, sampling.n)
    whole = await client.chat.completions.create(**request)
    return tuple(_visible(choice.message.model_dump()) for choice in whole.choices)


async def _streamed(client: AsyncOpenAI, request: dict[str, Any], n: int) -> tuple[str, ...]:
    texts = [""] * n
    async for chunk in await client.chat.completions.create(**request, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += _visible(choice.delta.model_dump())
    return tuple(texts)


def _visible(message: dict[str, Any]) -> str:
    """Every string of a message or delta but its role, in field order."""
    return "".join(_strings({name: value for name, value in message.items() if name != "role"}))


def _strings(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for item in value.values() for text in _strings(item)]
        case list():
            return [text for item in value for text in _strings(item)]
        case _:
            return []
