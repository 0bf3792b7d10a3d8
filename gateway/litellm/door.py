"""`POST /beta/litellm_basic_guardrail_api`: LiteLLM asks what may go on to a model, or back to a client.

Rules: LiteLLM takes what it does not understand for a yes, so every reply has all its fields. What it cannot
be told to change is blocked. Of an answer that may still grow, the end that may have to go is held back.
"""

import asyncio
from dataclasses import dataclass

import orjson

from filters.answer_guard import TextKey
from gateway import errors
from gateway.asker import named_by
from gateway.checks.checking import Checking
from gateway.config import Changes, UnknownFields
from gateway.endpoint import Asked
from gateway.errors import Json
from gateway.large import is_large
from gateway.limits.pacing import beat
from gateway.litellm.calls import Call, Calls
from gateway.memory.past import past_of
from gateway.monitoring import Known, Said
from gateway.prompt import Body
from gateway.services import Services
from gateway.trace import Outcome
from gateway.wire.answer import Slot
from gateway.wire.contract import Contract
from gateway.wire.litellm.calls import slots
from gateway.wire.litellm.request import Guarding, read_guarding
from gateway.wire.litellm.translation import Translated, translated
from gateway.wire.media import MediaRule
from policy.surface import Channel


@dataclass(frozen=True, slots=True)
class Told:
    """`held`: of each text how many characters at its end may still have to go."""

    outcome: Outcome
    texts: list[str] | None = None
    tools: object = None
    held: list[int] | None = None

    def body(self, notice: str) -> Json:
        blocked = self.outcome is Outcome.BLOCKED
        changed = self.outcome is Outcome.MODIFIED
        return {
            "action": "BLOCKED" if blocked else "GUARDRAIL_INTERVENED" if changed else "NONE",
            "blocked_reason": notice if blocked else None,
            "texts": None if blocked else self.texts,
            "images": None,
            "tools": self.tools if changed else None,
            "structured_messages": None,
            "stream_holdback_chars": None if blocked else self.held,
        }


BLOCKED = Told(Outcome.BLOCKED)
# What may be in a request, by what the settings allow: REFUSE needs nothing.
ALLOWED = {
    MediaRule.REFUSE: (MediaRule.REFUSE,),
    MediaRule.READ: (MediaRule.REFUSE,),
    MediaRule.INLINE: (MediaRule.REFUSE, MediaRule.INLINE),
    MediaRule.ANY: tuple(MediaRule),
}


def check_open(services: Services, key: str | None) -> None:
    """Where nobody wants the door there is none."""
    if services.config.litellm is None:
        raise errors.no_route()
    services.keys.check_checker(key)


class Door:
    """All that the route does about one request, and what it keeps from one to the next."""

    def __init__(self, contract: Contract) -> None:
        self._contract, self._calls = contract, Calls()

    async def answered(self, asked: Asked) -> None:
        settings = asked.services.config.litellm
        assert settings is not None
        guarding = await self._read(asked)
        checking = Checking(asked)
        called = checking.model, checking.protection.snapshot
        checking.model = named_by(*called, guarding.user, guarding.trace)
        with checking.monitored():
            await self._told(asked, guarding, checking, settings.changes)

    async def _told(self, asked: Asked, guarding: Guarding, checking: Checking, changes: Changes) -> None:
        if guarding.media not in ALLOWED[asked.services.config.limits.media]:
            told = BLOCKED
        elif guarding.is_answer:
            told = await self._answer(asked, guarding, checking)
        else:
            told = await self._prompt(asked, guarding, checking)
        told = applied(told, changes, guarding)
        trace = asked.record.trace
        trace.outcome = told.outcome
        await asked.record.write(200)
        if told.outcome is not Outcome.PASSED:
            await beat(trace.elapsed())
        await asked.outlet.json(told.body(checking.protection.policy.notice))

    async def _read(self, asked: Asked) -> Guarding:
        strip = asked.services.config.unknown_fields is UnknownFields.STRIP
        given = self._contract, asked.raw, strip
        if is_large(asked.raw):
            return await asyncio.to_thread(read_guarding, *given)
        return read_guarding(*given)

    async def _prompt(self, asked: Asked, guarding: Guarding, checking: Checking) -> Told:
        said = await asyncio.to_thread(translated, guarding) if is_large(asked.raw) else translated(guarding)
        body = Body(said.body, asked.services.config.limits, False)
        prompt = await checking.protection.read(body)
        key, digest = asked.record.trace.key, checking.protection.snapshot.session
        past = past_of(asked.services, digest, key, guarding.user, guarding.trace)
        scanned, known = await checking.prompt(prompt, past), Known()
        checking.watch(body, known=known)
        if guarding.call is not None:
            # Of what is monitored as much is kept once more.
            size = len(asked.raw) * (1 if checking.protection.shadow is None else 2)
            kept = size, checking.protection, scanned.report, asked.services.config.limits.answer_s
            self._calls.keep((key, guarding.call), *kept).monitored = known
        if scanned.body is None:
            return BLOCKED
        if not scanned.report.is_cut:
            return Told(Outcome.PASSED)
        return _changed(guarding, said, orjson.loads(scanned.body))

    async def _answer(self, asked: Asked, guarding: Guarding, checking: Checking) -> Told:
        call = self._call(asked, guarding, checking)
        report = (call and call.report) or checking.protection.reader.nothing(checking.scan())
        texts = [Slot(TextKey(0, Channel.CONTENT, part), text) for part, text in enumerate(guarding.texts)]
        calls = slots(guarding.calls)
        near = call.charged(guarding.texts, asked.near) if call else asked.near
        guarded = await checking.answer([*texts, *calls], report, near)
        known = call.monitored if call else Known()
        checking.watch(None, Said.of((slot.key, slot.text) for slot in (*texts, *calls)), known)
        if any(guarded.whole[slot.key] != slot.text for slot in calls):
            return BLOCKED
        whole = [guarded.whole[slot.key] for slot in texts]
        held = [len(guarded.whole[slot.key]) - len(guarded.sure[slot.key]) for slot in texts]
        changed = whole != list(guarding.texts)
        return Told(Outcome.MODIFIED if changed else Outcome.PASSED, whole, held=held)

    def _call(self, asked: Asked, guarding: Guarding, checking: Checking) -> Call | None:
        """The call that an answer belongs to, kept from now on if its prompt did not come here."""
        if guarding.call is None:
            return None
        names, within_s = (asked.record.trace.key, guarding.call), asked.services.config.limits.answer_s
        found = self._calls.find(names, checking.protection, within_s)
        return found or self._calls.keep(names, 0, checking.protection, None, within_s)


def applied(told: Told, changes: Changes, guarding: Guarding) -> Told:
    """What LiteLLM would not apply is blocked."""
    trusted = changes is Changes.ALL or (changes is Changes.PROMPTS and not guarding.is_answer)
    return BLOCKED if told.outcome is Outcome.MODIFIED and not trusted else told


def _changed(guarding: Guarding, said: Translated, body: Json) -> Told:
    if not said.is_same_beside(body):
        return BLOCKED
    texts = said.texts(body)
    tools = body.get("tools")
    if not texts and tools == guarding.tools:
        return BLOCKED
    return Told(Outcome.MODIFIED, texts, None if tools == guarding.tools else tools)
