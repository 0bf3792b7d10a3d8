"""Where the embedding index is in doubt, a language model that the operator trusts is asked.

Rules: it can only add. What it is asked about would be let through without it, so a text that talks it round
gains nothing by that. No answer counts as the settings say. What it said lately is remembered, by keyed
digests.
"""

import asyncio
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from filters.semantic import Levels
from gateway.config import JudgeModel
from gateway.doubt_work import Doubt, Start, work
from gateway.helper import Helper, HelperError
from gateway.judging import Hits
from gateway.together import Together
from index.remembered import Remembered
from index.similarity import Hit, Tenant
from policy.policy import OnError

# So many are asked of one prompt, or one sentence: the nearest.
MOST = 8
MOST_REMEMBERED = 4096
# It must begin, and read the policy.
BEGIN_S = 60.0

log = logging.getLogger("unsay")


@dataclass(frozen=True, slots=True)
class _Place:
    """Which hit of which text is in doubt."""

    text: int
    hit: Hit


class Doubts:
    """`entries` are the ids of the snapshot's entries, in its order."""

    def __init__(self, start: Start, entries: Sequence[str], levels: Levels, key: bytes) -> None:
        self._model: JudgeModel = start.model
        self._entries, self._levels = entries, levels
        self._known = Remembered[bool](key, "doubts", MOST_REMEMBERED)
        self._helper = Helper("doubts", work, start, start.model.timeout_s + BEGIN_S)
        self._asking = Together[Doubt, bool | None]("doubts", self._ask, self._helper.end)

    async def settled(
        self,
        texts: Sequence[str],
        hits: Hits,
        shares: Sequence[float],
        binding: Collection[int],
        tenant: Tenant = None,
        parent: str | None = None,
    ) -> Hits:
        """The hits, those confirmed that the model takes for what they may be. It is asked about `binding`
        entries alone, by their places, and told of the trace (`parent`).
        """
        doubtful = (place for place in self._places(hits, shares) if place.hit.entry in binding)
        places = sorted(doubtful, key=lambda place: -place.hit.score)[:MOST]
        doubts = [Doubt(self._entries[place.hit.entry], texts[place.text], parent) for place in places]
        answers = await self._answers(doubts, tenant)
        sure = {place for place, answer in zip(places, answers, strict=True) if self._counts(answer)}
        return [
            tuple(replace(hit, confirmed=True) if _Place(text, hit) in sure else hit for hit in found)
            for text, found in enumerate(hits)
        ]

    async def warm(self) -> None:
        """Begin the process, so that no client waits for it. About no entry: nothing is sent."""
        await self._asking.ask([Doubt("", "")])

    def close(self) -> None:
        self._asking.close()

    def _places(self, hits: Hits, shares: Sequence[float]) -> Iterator[_Place]:
        for text, (found, share) in enumerate(zip(hits, shares, strict=True)):
            yield from (_Place(text, hit) for hit in found if self._levels.doubtful(hit, share))

    async def _answers(self, doubts: Sequence[Doubt], tenant: Tenant) -> list[bool | None]:
        found = {doubt: self._remembered(doubt, tenant) for doubt in doubts}
        fresh = [doubt for doubt, answer in found.items() if answer is None]
        for doubt, answer in zip(fresh, await self._asked(fresh), strict=True):
            found[doubt] = answer
            if answer is not None and tenant is not None:
                self._known.add(_named(doubt), answer, tenant)
        return [found[doubt] for doubt in doubts]

    def _remembered(self, doubt: Doubt, tenant: Tenant) -> bool | None:
        return None if tenant is None else self._known.get(_named(doubt), tenant)

    async def _asked(self, doubts: Sequence[Doubt]) -> list[bool | None]:
        """What others asked is waited for at most once."""
        if not doubts:
            return []
        try:
            async with asyncio.timeout(2 * self._model.timeout_s):
                return await self._asking.ask(doubts)
        except TimeoutError:
            return [None] * len(doubts)

    def _ask(self, doubts: Sequence[Doubt]) -> Sequence[bool | None]:
        try:
            said: Sequence[bool | None] = self._helper.done(tuple(doubts))
        except HelperError as error:
            log.error("the process that asks the judge's model: %s", error)
            return [None] * len(doubts)
        if failed := sum(answer is None for doubt, answer in zip(doubts, said, strict=True) if doubt.entry):
            log.warning("the judge's model: %d of %d questions without an answer", failed, len(doubts))
        return said

    def _counts(self, answer: bool | None) -> bool:
        return self._model.on_error is OnError.CLOSED if answer is None else answer


def _named(doubt: Doubt) -> str:
    return f"{doubt.entry}\0{doubt.text}"
