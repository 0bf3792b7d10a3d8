"""Two answers to one request: with what the policy flags in its prompt, and without.

Rules:
1. What only the answer with it tells was relearned in context: then the other answer is given, and otherwise
   the first. Nothing of either is sent before both are there, streamed or not.
2. The second answer is ruled by what its own prompt supplies, so what it tells is recalled.
3. Where one of the two fails, the request does.
4. Both are read by the protection that the request began with, also when a changed policy came since.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace

from filters.report import PromptReport
from gateway import errors
from gateway.answer import Answer
from gateway.errors import Json
from gateway.events import Events
from gateway.limits.bodies import Load
from gateway.limits.near_hits import NearHits
from gateway.monitoring import Overheard, Said
from gateway.prompt import Body, Scan, Scanned, with_model
from gateway.protection import Protection
from gateway.refusal import Refusal
from gateway.services import Services
from gateway.stream import Stream
from gateway.trace import Trace
from gateway.upstream.client import Reply
from gateway.upstream.error import checked_error
from gateway.whole import whole_answer
from gateway.wire.answer import WireError
from gateway.wire.request import Request
from gateway.wire.wire import Wire
from gateway.wire.writer import Frame, Writer
from policy.finding import Detector
from policy.verdict import Provenance


@dataclass(frozen=True, slots=True)
class Told:
    """What the client would get: the events of a stream, or one body. `heard`: of what the model said."""

    answer: Answer
    sent: list[Json]
    heard: Said


@dataclass(frozen=True, slots=True)
class Twins:
    """Of one request. `near` is its key's budget."""

    services: Services
    protection: Protection
    wire: Wire
    request: Request
    frame: Frame
    refusal: Refusal
    near: NearHits
    trace: Trace
    load: Load

    async def told(self, scanned: Scanned, body: bytes, scan: Scan, model: str) -> tuple[Told, bool]:
        """The answer that is given, and whether something was relearned."""
        assert scanned.twin is not None
        reports = scanned.report, await self._report(scanned.twin, scan, scanned.report)
        bodies = body, await self._directed(with_model(scanned.twin, model), reports[1])
        tasks = [
            asyncio.ensure_future(self._draft(each, report, scan))
            for each, report in zip(bodies, reports, strict=True)
        ]
        try:
            first, second = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        relearned = not _told(first.answer, Provenance.IN_CONTEXT) <= _told(second.answer)
        return (second if relearned else first), relearned

    async def _directed(self, twin: bytes, report: PromptReport) -> bytes:
        helm, protection = self.services.helm, self.protection
        if helm is None:
            return twin
        told = report, protection.policy, protection.snapshot
        return await helm.onto(twin, *told, biased=self.wire.biased)

    async def _report(self, twin: bytes, scan: Scan, first: PromptReport) -> PromptReport:
        """What the twin supplies. It is about what the first is about, though it may not say so."""
        prompt = await self.protection.read(Body(twin, self.services.config.limits, False, self.wire.name))
        scanned = await prompt.scan(replace(scan, twin=False, near_is_hit=self.near.are_hits))
        return replace(scanned.report, active=scanned.report.active | first.active, questions=())

    async def _draft(self, body: bytes, report: PromptReport, scan: Scan) -> Told:
        request = self.request
        guard = self.protection.guard(report, scan.model, request.machine_read, self.near.are_hits)
        near = self.near.in_answer
        # Of the shorter prompt there are fewer tokens, which would tell whose answer is given.
        judge = self.protection.judge_of(guard, scan.model, self.trace.parent)
        heard = Said()
        watched = guard if self.protection.shadow is None else Overheard(guard, heard)
        answer = Answer(watched, judge, request.choices, near, estimates=True)
        with self.trace.asking(self.wire.name) as call:
            given = self.wire.path, body, self.trace.request, self.load, call.header
            async with self.services.upstream.post(*given) as reply:
                call.status = reply.status
                if reply.status != 200:
                    raise await checked_error(reply, answer)
                return Told(answer, await self._drafted(reply, answer), heard)

    async def _drafted(self, reply: Reply, answer: Answer) -> list[Json]:
        request = self.request
        if request.stream:
            return await self._events(reply, answer)
        heard = await self.protection.heard(self.wire, await reply.body(), request.choices, streamed=False)
        told = await whole_answer(heard, answer, self.refusal, request.size)
        return [self._writer().whole(told.choices, told.usage)]

    def _writer(self) -> Writer:
        return self.wire.writer(self.frame, self.request)

    async def _events(self, reply: Reply, answer: Answer) -> list[Json]:
        if not reply.streamed:
            raise WireError("expected a stream")
        stream = Stream(answer, self._writer(), self.refusal, self.request)
        sent: list[Json] = []
        events = Events(self.protection, self.wire, answer.choices)
        async with aclosing(reply.events()) as batches:
            async for batch in batches:
                before = answer.fed
                async with aclosing(events.heard(batch)) as all_heard:
                    async for heard in all_heard:
                        sent += await stream.events(heard)
                        if answer.all_stopped:
                            break
                reply.holds(answer.fed - before)
                if answer.fed > self.services.config.limits.answer_bytes:
                    raise WireError("longer than an answer may be")
                if events.over or answer.all_stopped:
                    break
        if not stream.complete:
            raise errors.upstream_cut()
        return sent + stream.last()


def _told(answer: Answer, *provenances: Provenance) -> set[tuple[str, int]]:
    """The strings of entries that an answer tells, but for names: to name somebody tells nothing new."""
    return {
        (taken.finding.entry, taken.finding.key)
        for taken in answer.findings
        if taken.finding.detector is not Detector.NAME
        and (not provenances or taken.verdict.provenance in provenances)
    }
