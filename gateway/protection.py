"""The policy, its snapshot and who judges by it, as one thing.

Rule: a request keeps the one that it began with; what replaces it is another.
"""

import asyncio
import weakref
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from filters.answer_guard import AnswerGuard, TextKey
from filters.prompt import PromptReport, Segment
from filters.scan import Ask
from filters.semantic import Levels, answer_findings
from gateway import doubt_work, errors
from gateway.doubts import Doubts
from gateway.judging import Hits, JudgeTimeout, Judging
from gateway.large import LARGE_BODY, LargeTexts, is_large
from gateway.large_work import Start
from gateway.prompt import Body, Prompt, Reader, Scan, SmallPrompt, may_show
from gateway.prompt import Judge as AskedJudge
from gateway.rewriting.awaited import rewrites
from gateway.settle import Judged
from gateway.wire.answer import Heard
from gateway.wire.measure import Measure
from gateway.wire.wire import Wire
from gateway.wire.writer import Frame
from index.bits import word_bits
from index.similarity import Judge, Tenant
from policy.entry import Called, Model
from policy.finding import Finding
from policy.policy import OnError, Policy
from policy.surface import Channel, Role

if TYPE_CHECKING:
    from index.snapshot import Snapshot


Clock = Callable[[], datetime]


def tenant(model: Model) -> str:
    """The key that asks; those who ask without one are one, by a name that no key has."""
    return (isinstance(model, Called) and model.key) or ""


def now() -> datetime:
    return datetime.now(UTC)


class Protection:
    """The policy, its snapshot and the judge, as one thing. A request keeps the one it began with.

    `shadow`: the same of what is only monitored, where anything is.
    """

    def __init__(
        self,
        policy: Policy,
        snapshot: "Snapshot",
        judge: Judge | None,
        timeout_s: float,
        clock: Clock = now,
        asking: doubt_work.Start | None = None,
        shadow: "Protection | None" = None,
    ) -> None:
        if not snapshot.is_of(policy):
            raise ValueError("the snapshot was built from another policy; build it again")
        self.policy, self.snapshot = policy, snapshot
        self.digest = snapshot.commit(policy.digest)
        self._levels = Levels.of(judge)
        self._judging = Judging(judge, timeout_s) if judge is not None else None
        self._doubts: Doubts | None = None
        if asking is not None and self._levels is not None:
            ids = [entry.id for entry in snapshot.entries]
            self._doubts = Doubts(asking, ids, self._levels, snapshot.place[1])
        self._clock, self.shadow = clock, shadow
        self.rewrites = rewrites(policy)
        self.reader = Reader(policy, snapshot, self._levels)
        self.large = LargeTexts(Start(policy, *snapshot.place, snapshot.generation, self._levels))
        # The last request that holds the protection ends what belongs to it.
        self._resources = weakref.finalize(self, _close, self._judging, self._doubts, self.large)

    def scan(self, model: Model, near_is_hit: bool = False, twin: bool = False) -> Scan:
        """How to scan what is asked of a model now."""
        return Scan(model, self._clock(), near_is_hit, twin=twin)

    async def read(self, body: Body) -> Prompt:
        if is_large(body.raw) or may_show(body):
            return await self.large.read(body)
        return SmallPrompt(self.reader.read(body))

    async def heard(self, wire: Wire, raw: bytes, choices: int, streamed: bool) -> Heard:
        """What the model server says in an event, or in a body."""
        if len(raw) > LARGE_BODY:
            return await self.large.heard(wire.name, raw, choices, streamed)
        return wire.heard(raw, choices, streamed)

    async def measured(
        self, measure: Measure, raw: bytes, sent: bytes, frame: Frame, size: int | None
    ) -> bytes:
        """An answer of numbers, of what the model server says and of what had gone on to it."""
        if len(raw) + len(sent) > LARGE_BODY:
            return await self.large.told(measure.name, raw, sent, frame, size)
        return measure.told(raw, sent, frame, size)

    def guard(
        self, report: PromptReport, model: Model, machine_read: bool, near_is_hit: bool = False
    ) -> AnswerGuard:
        return AnswerGuard(
            self.snapshot,
            self.policy,
            report,
            model=model,
            machine_read=machine_read,
            near_is_hit=near_is_hit,
        )

    async def hits(
        self,
        texts: Sequence[str],
        shares: Sequence[float] | None,
        binding: Collection[int],
        tenant: Tenant = None,
        parent: str | None = None,
    ) -> Hits:
        """What the judge says. When it does not answer, the policy decides between an error and nothing.

        `shares`: of each text its part of the rate of false alarms; without them no doubt is settled.
        `binding`: the entries that bind who asks, by their places. `tenant`: who that is, by name.
        `parent`: what a model that is asked is told of the trace.
        """
        if self._judging is None:
            return [() for _ in texts]
        try:
            hits = await self._judging(texts, tenant)
        except JudgeTimeout:
            if self.policy.on_error is OnError.OPEN:
                return [() for _ in texts]
            raise errors.no_judge() from None
        if self._doubts is None or shares is None:
            return hits
        return await self._doubts.settled(texts, hits, shares, binding, tenant, parent)

    def judge_for(self, model: Model, parent: str | None = None) -> AskedJudge:
        """Who judges the prompts of whoever asks the model."""
        return partial(self.hits, tenant=tenant(model), parent=parent)

    def judge_of(self, guard: AnswerGuard, model: Model, parent: str | None = None) -> Judged:
        """Who settles what a guard asks.

        Under a cloak nothing is remembered: an answer's question that was not what the client wrote was not
        judged before, which would show in times.
        """
        of = None if self.policy.cloak else tenant(model)
        return partial(self._judge, guard.in_force, of, parent)

    async def _judge(
        self, binding: Collection[int], tenant: Tenant, parent: str | None, asks: Sequence[Ask]
    ) -> list[Sequence[Finding]]:
        if self._levels is None:
            return [() for _ in asks]
        texts = [ask.text for ask in asks]
        hits = await self.hits(texts, [1.0 for _ in asks], binding, tenant, parent)
        return [
            answer_findings(self.snapshot, ask, hit, self._levels)
            for ask, hit in zip(asks, hits, strict=True)
        ]

    async def warm(self) -> None:
        """Load what is loaded at first use: no client waits for it, and what cannot work does not start."""
        await asyncio.to_thread(word_bits, "the")
        self.try_out()
        if self._judging is not None:
            await self._judging.ask([("Hello.", None)])
        if self._doubts is not None:
            await self._doubts.warm()
        if self.shadow is not None:
            await self.shadow.warm()

    def try_out(self) -> None:
        """Scan and guard a word, without the judge."""
        segments = (Segment(Role.USER, "Hello.", 0, ("messages", 0, "content")),)
        report = self.reader.scanner(self.scan("*")).scan(segments)
        self.guard(report, "*", machine_read=False).feed(TextKey(0, Channel.CONTENT), "Hello.")

    def close(self) -> None:
        self._resources()
        if self.shadow is not None:
            self.shadow.close()


def _close(judging: Judging | None, doubts: Doubts | None, large: LargeTexts) -> None:
    large.close()
    for asked in (judging, doubts):
        if asked is not None:
            asked.close()
