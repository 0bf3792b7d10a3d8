"""The embedding index is slow and serves one caller at a time: one thread asks it for all requests together.

Rule: an answer that does not come in time is an error, and an error ends the client's answer closed.
"""

import asyncio
from collections.abc import Sequence

from gateway.together import Together
from index.similarity import Hit, Judge

Hits = list[tuple[Hit, ...]]


class JudgeTimeout(TimeoutError):
    pass


class Judging(Together[str, tuple[Hit, ...]]):
    def __init__(self, judge: Judge, timeout_s: float) -> None:
        super().__init__("judge", judge.judge)
        self._timeout_s = timeout_s

    async def __call__(self, texts: Sequence[str]) -> Hits:
        if not texts:
            return []
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self.ask(texts)
        except TimeoutError:
            raise JudgeTimeout(f"the embedding index did not answer within {self._timeout_s:g} s") from None
