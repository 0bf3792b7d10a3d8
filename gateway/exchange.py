"""One request that was let in, from its scan to the last byte of its answer.

Rules: nothing goes to the model server that was not scanned, nothing to the client that was not guarded. The
audit line is written before the last byte leaves.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing

from filters.answer_guard import AnswerGuard
from filters.report import PromptReport
from gateway import errors
from gateway.answer import Answer
from gateway.asker import asked_by
from gateway.audit.log import AuditError
from gateway.config import RefusalShape, UnknownFields
from gateway.endpoint import Asked
from gateway.errors import ApiError, Json
from gateway.events import Events
from gateway.limits.pacing import beat
from gateway.memory.past import Past
from gateway.memory.session import sessions
from gateway.monitoring import Overheard, Said, Seen
from gateway.odds import AnswerOdds, odds_of, with_odds
from gateway.prompt import Body, Prompt, checked, with_model
from gateway.protection import Protection
from gateway.refusal import Refusal
from gateway.rewriting.awaited import awaited
from gateway.rewriting.rewriting import Rewriting
from gateway.rewriting.versions import How
from gateway.stream import Stream
from gateway.trace import Outcome
from gateway.twins import Told, Twins
from gateway.upstream.client import Reply
from gateway.upstream.error import checked_error
from gateway.veil import Veil
from gateway.whole import whole_answer
from gateway.wire.answer import Heard, WireError
from gateway.wire.request import Request
from gateway.wire.usage import estimated, tokens
from gateway.wire.wire import Wire
from gateway.wire.writer import Frame, Writer, streamed
from policy.entry import Called, Model


class Exchange:
    """`wire` is the API by which it came."""

    def __init__(self, wire: Wire, asked: Asked) -> None:
        self._wire, self._services, self._record = wire, asked.services, asked.record
        self._outlet, self._near, self._load = asked.outlet, asked.near, asked.load
        self._conversation = asked.conversation
        self._trace = asked.record.trace
        self._protection: Protection = asked.services.protection
        self._called: Called | None = None
        self._heard = Said()

    async def answered(self, raw: bytes) -> None:
        config = self._services.config
        body = Body(raw, config.limits, config.unknown_fields is UnknownFields.STRIP, self._wire.name)
        try:
            await self._answer(await self._protection.read(body))
        finally:
            self._monitor(body)

    def _monitor(self, body: Body) -> None:
        """What would have been done, told when all is over."""
        shadow = self._protection.shadow
        if shadow is not None and self._called is not None:
            seen = Seen(self._trace.request, shadow, self._called, body, self._heard)
            self._services.monitoring.look(seen)

    async def _answer(self, prompt: Prompt) -> None:
        trace, protection, request = self._trace, self._protection, prompt.request
        chosen = await self._services.models.choose(request.model, trace.key)
        called = asked_by(chosen.called, protection.snapshot, request, self._conversation)
        self._called = called
        trace.streamed, trace.size = request.stream, request.size
        trace.model, trace.upstream_model = chosen.name, chosen.upstream
        trace.policy, trace.generation = protection.digest, protection.snapshot.generation
        before = trace.elapsed()
        scan = protection.scan(called, self._near.are_hits, self._services.config.twin_check)
        past = self._past(request)
        recall = past.recall if past is not None else None
        scanned = await checked(prompt, scan, self._near, protection.judge_for(called, trace.parent), recall)
        trace.scan_s, trace.prompt_s = before, trace.elapsed() - before
        trace.report, trace.unlisted = scanned.report, scanned.unlisted
        trace.near_is_hit = self._near.are_hits
        if past is not None:
            past.keep(scanned.kept, self._record)
        named = trace.request.replace("req_", self._wire.prefix, 1)
        frame = Frame(named, int(trace.at), chosen.name)
        writer = self._wire.writer(frame, request)
        refusal = Refusal(protection.policy.notice, self._services.config.refusal, request.machine_read)
        if scanned.body is None:
            trace.outcome = Outcome.REFUSED
            return await self._refuse(request, writer, refusal)
        body = with_model(scanned.body, chosen.upstream)
        if self._services.helm is not None:
            told = scanned.report, protection.policy, protection.snapshot
            body = await self._services.helm.onto(body, *told, biased=self._wire.biased)
        await self._on_a_beat()
        if scanned.twin is not None:
            common = self._services, protection, self._wire, request, frame, refusal
            twins = Twins(*common, self._near, trace, self._load)
            return await self._twice(request, *await twins.told(scanned, body, scan, chosen.upstream))
        if protection.rewrites and scanned.report.cloak is None and self._awaited(request, scanned.report):
            return await self._anew(request, body, scanned.report, called, writer, refusal)
        # Under a cloak tokens would spell the name that stands in.
        cloaked = bool(protection.policy.cloak)
        odds = None if cloaked else odds_of(self._services.config, request, scanned, writer)
        guard = protection.guard(scanned.report, called, request.machine_read, self._near.are_hits)
        answer = self._guarded(scanned.report, guard, called, request)
        trace.answer = answer
        body = body if odds is None else with_odds(body)
        return await self._asked(request, body, answer, writer, refusal, odds)

    async def _asked(
        self,
        request: Request,
        body: bytes,
        answer: Answer,
        writer: Writer,
        refusal: Refusal,
        odds: AnswerOdds | None,
    ) -> None:
        trace, upstream = self._trace, self._services.upstream
        with trace.asking(self._wire.name) as call:
            given = self._wire.path, body, trace.request, self._load, call.header
            async with upstream.post(*given) as reply:
                call.status = trace.upstream_status = reply.status
                if reply.status != 200:
                    raise await checked_error(reply, answer)
                await self._relay(request, reply, answer, writer, refusal, odds)

    async def _on_a_beat(self) -> None:
        """Under a cloak, so that neither what goes on nor what comes back tells how long it was looked at."""
        every_ms = self._services.config.cloak_beat_ms if self._protection.policy.cloak else 0
        if every_ms:
            await beat(self._trace.elapsed(), every_ms / 1000)

    def _guarded(self, report: PromptReport, guard: AnswerGuard, called: Model, request: Request) -> Answer:
        cloak, protection = report.cloak, self._protection
        veil = Veil(cloak, machine_read=request.machine_read) if cloak is not None else None
        estimates = report.is_cut or bool(protection.policy.cloak)
        return Answer(
            guard if protection.shadow is None else Overheard(guard, self._heard),
            protection.judge_of(guard, called, self._trace.parent),
            request.choices,
            self._near.in_answer,
            estimates=estimates,
            veil=veil,
        )

    def _past(self, request: Request) -> Past | None:
        """Of those whom the request names; none where it names nobody, or nothing is remembered."""
        settings = self._services.config.memory
        if settings is None:
            return None
        names = sessions(self._trace.key, request.user, self._conversation, keys=settings.keys)
        return Past(self._services, self._protection.snapshot.session, names) if names else None

    async def _relay(
        self,
        request: Request,
        reply: Reply,
        answer: Answer,
        writer: Writer,
        refusal: Refusal,
        odds: AnswerOdds | None,
    ) -> None:
        if request.stream:
            await self._stream(request, reply, Stream(answer, writer, refusal, request, odds))
        else:
            raw = await reply.body()
            heard = await self._protection.heard(self._wire, raw, request.choices, streamed=False)
            told = await whole_answer(heard, answer, refusal, request.size)
            if odds is not None:
                odds.whole(heard.said, told.choices)
            self._trace.outcome = Outcome.WITHHELD if answer.withheld else Outcome.ANSWERED
            self._trace.usage = told.usage
            await self._record.write(200)
            await self._on_a_beat()
            await self._outlet.json(writer.whole(told.choices, told.usage))

    def _awaited(self, request: Request, report: PromptReport) -> bool:
        protection, streams = self._protection, self._services.config.rewrite.streams
        return awaited(request, report, protection.policy, protection.snapshot, streams)

    async def _anew(
        self,
        request: Request,
        body: bytes,
        report: PromptReport,
        called: Model,
        writer: Writer,
        refusal: Refusal,
    ) -> None:
        trace, common = self._trace, (self._services, self._protection, self._wire, request, writer, refusal)
        told = await Rewriting(*common, self._near, self._load, trace, report, called).told(body)
        trace.answer, trace.upstream_status = told.draft, 200
        if self._protection.shadow is not None:
            self._heard = Said.of(said for each in told.choices for said in each.texts)
        verbatim = self._protection.policy.verbatim
        if told.how is not None:
            trace.rewritten = {"how": told.how, "window": verbatim and verbatim.window}
        withheld = told.how is How.ABSTAINED or (told.how is None and told.draft.withheld)
        passed = Outcome.ANSWERED if told.how is None else Outcome.REWRITTEN
        trace.outcome = Outcome.WITHHELD if withheld else passed
        await self._at_once(request, told.sent)

    async def _twice(self, request: Request, told: Told, relearned: bool) -> None:
        """All at once: what it is was not known before its end."""
        trace = self._trace
        trace.answer, trace.upstream_status, trace.relearned = told.answer, 200, relearned
        self._heard = told.heard
        trace.outcome = Outcome.WITHHELD if relearned or told.answer.withheld else Outcome.ANSWERED
        await self._at_once(request, told.sent)

    async def _at_once(self, request: Request, sent: list[Json]) -> None:
        await self._record.write(200)
        if request.stream:
            await self._send(sent)
            await self._outlet.done()
        else:
            await self._outlet.json(sent[0])

    async def _stream(self, request: Request, reply: Reply, stream: Stream) -> None:
        if not reply.streamed:
            raise WireError("expected a stream")
        events = Events(self._protection, self._wire, request.choices)
        async with aclosing(reply.events()) as batches:
            async for batch in batches:
                async with aclosing(events.heard(batch)) as heard:
                    await self._pass_on(heard, stream)
                if events.over or stream.answer.all_stopped:
                    break
        if not stream.complete:
            raise errors.upstream_cut()
        self._services.metrics.held.observe(stream.answer.most_held)
        self._trace.outcome = Outcome.WITHHELD if stream.answer.withheld else Outcome.ANSWERED
        self._trace.usage = stream.usage()
        await self._record.write(200)
        await self._send(stream.last())
        await self._outlet.done()
        if not stream.answer.all_stopped:
            await reply.rest()

    async def _pass_on(self, batch: AsyncIterator[Heard], stream: Stream) -> None:
        """Send on what came in one piece, in one piece."""
        sent: list[Json] = []
        try:
            async for heard in batch:
                sent += await stream.events(heard)
                if stream.answer.all_stopped:
                    break
        except (ApiError, WireError):
            if sent:
                await self._send(sent)
            raise
        await self._send(sent)

    async def _send(self, events: list[Json]) -> None:
        if not self._services.audit.alive:
            raise AuditError("the record of what would be sent cannot be kept")
        if events and self._trace.first_s is None:
            self._trace.first_s = self._trace.elapsed()
            self._services.metrics.first_seconds.observe(self._trace.first_s)
        await self._outlet.events(events)

    async def _refuse(self, request: Request, writer: Writer, refusal: Refusal) -> None:
        if refusal.shape is RefusalShape.ERROR:
            await beat(self._trace.elapsed())
            raise errors.withheld(refusal.notice, self._wire.prompt)
        usage = estimated(tokens(request.size), tokens(len(refusal.notice)) * request.choices)
        self._trace.usage = usage
        choices = [refusal.choice(index) for index in range(request.choices)]
        await self._record.write(200)
        await beat(self._trace.elapsed())
        if request.stream:
            await self._send(streamed(writer, choices, usage, request.include_usage))
            await self._outlet.done()
        else:
            await self._outlet.json(writer.whole(choices, usage))
