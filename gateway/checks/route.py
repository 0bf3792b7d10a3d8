"""`POST /v1/checks`: a text or a conversation in, a verdict out. Nothing is generated.

Rule: what would be refused is blocked. A verdict that is no pass goes out on a beat, as refusals do, so that
its time does not tell what was found.
"""

import asyncio

import orjson

from filters.answer_guard import TextKey
from gateway.asker import asked_by
from gateway.checks.checking import Checking
from gateway.checks.verdict import Status, body, status
from gateway.config import UnknownFields
from gateway.endpoint import Asked
from gateway.errors import Json
from gateway.large import is_large
from gateway.limits.pacing import beat
from gateway.memory.past import past_of
from gateway.monitoring import Said
from gateway.prompt import Body, Prompt, Scanned
from gateway.services import Services
from gateway.wire.answer import Slot
from gateway.wire.checks.request import Check, read_check
from gateway.wire.contract import Contract
from gateway.wire.rule import Treatment
from gateway.wire.wires import wires
from policy.entry import Called
from policy.surface import Channel

TEXT = TextKey(0, Channel.CONTENT)


def check_checker(services: Services, key: str | None) -> None:
    services.keys.check_checker(key)


class Checks:
    """All that the route does about one request."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    async def answered(self, asked: Asked) -> None:
        check = await self._read(asked.raw)
        checking, config = Checking(asked), asked.services.config
        strip = config.unknown_fields is UnknownFields.STRIP
        given = Body(check.chat, config.limits, strip)
        prompt = await checking.protection.read(given)
        called = await self._model(asked, prompt.request.model)
        checking.model = asked_by(called, checking.protection.snapshot, prompt.request, asked.conversation)
        checking.watch(given, Said.of([(TEXT, check.answer)] if check.answer is not None else []))
        with checking.monitored():
            found, modified = await self._checked(asked, check, prompt, checking)
            trace = asked.record.trace
            trace.outcome = found.outcome
            await asked.record.write(200)
            if found is not Status.PASSED:
                await beat(trace.elapsed())
            await asked.outlet.json(body(trace.request, trace.at, found, modified))

    async def _read(self, raw: bytes) -> Check:
        if is_large(raw):
            return await asyncio.to_thread(read_check, self._contract, raw)
        return read_check(self._contract, raw)

    async def _model(self, asked: Asked, name: str | None) -> Called:
        """Without a name it is checked for whatever model there is, and no model server need be there."""
        trace = asked.record.trace
        if name is None:
            return Called(None, trace.key)
        chosen = await asked.services.models.choose(name, trace.key)
        trace.model = chosen.name
        return chosen.called

    async def _checked(
        self, asked: Asked, check: Check, prompt: Prompt, checking: Checking
    ) -> tuple[Status, Json]:
        key, digest = asked.record.trace.key, checking.protection.snapshot.session
        past = past_of(asked.services, digest, key, prompt.request.user, asked.conversation)
        scanned = await checking.prompt(prompt, past)
        if check.answer is None or scanned.body is None:
            changed = scanned.report.is_cut
            found = status(blocked=scanned.body is None, changed=changed)
            return found, self._modified(checking, scanned, check) if changed else {}
        slot = Slot(TEXT, check.answer)
        guarded = await checking.answer(
            [slot], scanned.report, asked.near, machine_read=prompt.request.machine_read
        )
        text = guarded.whole[TEXT]
        return status(blocked=guarded.stopped, changed=text != check.answer), {"input": text}

    def _modified(self, checking: Checking, scanned: Scanned, check: Check) -> Json:
        """The fields that are scanned, as they would go on; those that came as another come back as that."""
        if scanned.body is None:
            return {}
        chat = orjson.loads(scanned.body)
        if check.named:
            return {"input": chat["messages"][0]["content"]}
        fields = wires()["chat"].contract.shapes["request"]
        return {name: chat[name] for name in chat if fields[name].treatment is Treatment.SCANNED}
