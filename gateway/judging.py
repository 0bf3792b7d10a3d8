"""The embedding index is slow and serves one caller at a time: one thread asks it for all requests together.

Rule: an answer that does not come in time is an error, and an error ends the client's answer closed.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from gateway.together import Together
from index.similarity import Hit, Judge, Tenant

Hits = list[tuple[Hit, ...]]


class JudgeTimeout(TimeoutError):
    pass


class Judging(Together[tuple[str, Tenant], tuple[Hit, ...]]):
    def __init__(self, judge: Judge, timeout_s: float) -> None:
        super().__init__("judge", partial(_judged, judge))
        self._timeout_s = timeout_s

    async def __call__(self, texts: Sequence[str], tenant: Tenant = None) -> Hits:
        """`tenant`: whose memory of what was judged is used; None: nobody's."""
        if not texts:
            return []
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self.ask([(text, tenant) for text in texts])
        except TimeoutError:
            raise JudgeTimeout(f"the embedding index did not answer within {self._timeout_s:g} s") from None


def _judged(judge: Judge, asked: Sequence[tuple[str, Tenant]]) -> Hits:
    return judge.judge([text for text, _ in asked], [tenant for _, tenant in asked])
