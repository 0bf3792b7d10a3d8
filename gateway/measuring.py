"""One request whose answer is numbers: its texts are scanned like any prompt.

Rules: what the policy refuses is an error in the API's shape, the same whatever matched, since there are no
numbers that say nothing; what it redacts goes on redacted. Nothing goes on that was not scanned.
"""

from gateway import errors
from gateway.answer import Answer
from gateway.asker import asked_by
from gateway.checks.checking import Checking
from gateway.config import UnknownFields
from gateway.endpoint import Asked
from gateway.limits.pacing import beat
from gateway.memory.past import past_of
from gateway.models import Chosen
from gateway.prompt import Body, Prompt, Scanned, with_model
from gateway.trace import Outcome
from gateway.upstream.error import checked_error
from gateway.wire.measure import Measure
from gateway.wire.writer import Frame


class Measuring:
    """All that one API does about a request."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure

    async def answered(self, asked: Asked) -> None:
        services, trace, measure = asked.services, asked.record.trace, self._measure
        checking, strip = Checking(asked), services.config.unknown_fields is UnknownFields.STRIP
        body = Body(asked.raw, services.config.limits, strip, measure.name)
        prompt = await checking.protection.read(body)
        chosen = await services.models.choose(prompt.request.model, trace.key)
        trace.model, trace.upstream_model = chosen.name, chosen.upstream
        trace.size = prompt.request.size
        asked_for = prompt.request, asked.conversation
        checking.model = asked_by(chosen.called, checking.protection.snapshot, *asked_for)
        checking.watch(body)
        with checking.monitored():
            await self._measured(asked, checking, prompt, chosen)

    async def _measured(self, asked: Asked, checking: Checking, prompt: Prompt, chosen: Chosen) -> None:
        trace, measure = asked.record.trace, self._measure
        scanned = await self._scanned(asked, checking, prompt)
        if scanned.body is None:
            trace.outcome = Outcome.REFUSED
            await beat(trace.elapsed())
            raise errors.withheld(checking.protection.policy.notice, measure.prompt)
        raw = await self._told(asked, checking, scanned, with_model(scanned.body, chosen.upstream))
        frame = Frame(trace.request.replace("req_", measure.prefix, 1), int(trace.at), chosen.name)
        estimated = scanned.report.is_cut or checking.protection.policy.cloak
        size = prompt.request.size if estimated else None
        numbers = await checking.protection.measured(measure, raw, scanned.body, frame, size)
        trace.outcome = Outcome.ANSWERED
        await asked.record.write(200)
        await asked.outlet.encoded(numbers)

    async def _scanned(self, asked: Asked, checking: Checking, prompt: Prompt) -> Scanned:
        digest, key = checking.protection.snapshot.session, asked.record.trace.key
        past = past_of(asked.services, digest, key, prompt.request.user, asked.conversation)
        return await checking.prompt(prompt, past)

    async def _told(self, asked: Asked, checking: Checking, scanned: Scanned, body: bytes) -> bytes:
        """What the model server says."""
        trace, protection = asked.record.trace, checking.protection
        with trace.asking(self._measure.name) as call:
            given = self._measure.path, body, trace.request, asked.load, call.header
            async with asked.services.upstream.post(*given) as reply:
                call.status = trace.upstream_status = reply.status
                if reply.status == 200:
                    return await reply.body()
                guard = protection.guard(scanned.report, checking.model, False, asked.near.are_hits)
                judge = protection.judge_of(guard, checking.model, trace.parent)
                raise await checked_error(reply, Answer(guard, judge, 1, asked.near.in_answer))
