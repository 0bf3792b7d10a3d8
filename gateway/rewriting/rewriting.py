"""An answer of which the policy wants something written anew, until it holds nothing that must be withheld.

Rules:
1. What is sent in place of a choice passed the same guard as a whole, with nothing taken out of it. What does
   not pass within the tries, the time and the tokens that the settings give is the notice.
2. Nothing is sent before all of it is there, and it looks like an answer that was not written anew: the same
   fields, the same events, tokens counted by the model server.
3. Whatever breaks on the way counts as a try that failed; the draft itself must come, or the request fails.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from filters.regions import REMOVED
from filters.report import PromptReport
from gateway.answer import Answer
from gateway.config_rewrite import Rewrite
from gateway.errors import ApiError, Json
from gateway.limits.bodies import Load
from gateway.limits.near_hits import NearHits
from gateway.place import place
from gateway.protection import Protection
from gateway.refusal import Refusal
from gateway.rewriting import wording
from gateway.rewriting.certificate import holds_nothing
from gateway.rewriting.draft import Draft
from gateway.rewriting.versions import How, Version
from gateway.services import Services
from gateway.trace import Trace
from gateway.upstream.error import checked_error
from gateway.whole import whole_answer
from gateway.wire.answer import Choice, WireError
from gateway.wire.keys import moved, text_key
from gateway.wire.request import Request
from gateway.wire.usage import DETAILS, estimated, tokens
from gateway.wire.wire import Wire
from gateway.wire.wires import wires
from gateway.wire.writer import Writer, streamed
from policy.entry import Model
from policy.surface import Channel

log = logging.getLogger("unsay")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """`draft` is for the record; `how` is None where the draft is what is sent, which `choices` say."""

    draft: Answer
    choices: list[Choice]
    sent: list[Json]
    how: How | None


@dataclass(frozen=True, slots=True)
class Rewriting:
    """Of one request. `called`: the names of its model; `near`: its key's budget. Who rewrites is asked by
    chat completions, whatever the API of the request.
    """

    services: Services
    protection: Protection
    wire: Wire
    request: Request
    writer: Writer
    refusal: Refusal
    near: NearHits
    load: Load
    trace: Trace
    report: PromptReport
    called: Model

    @property
    def _settings(self) -> Rewrite:
        return self.services.config.rewrite

    async def told(self, body: bytes) -> Rewritten:
        """What is sent for this request to the model server."""
        asked = orjson.loads(body)
        draft = await self._draft(wording.whole(asked), self.wire, self.request.choices)
        wanted = [each.index for each in draft.choices if draft.rewritable(each.index)]
        versions = await self._versions(asked, draft, wanted) if wanted else {}
        self.near.in_answer(_near(draft, versions))
        usage = _usage(draft, versions, self.request.size)
        choices = [_put(each, versions.get(each.index)) for each in draft.choices]
        if self.request.stream:
            sent = streamed(self.writer, choices, usage, self.request.include_usage)
        else:
            sent = [self.writer.whole(choices, usage)]
        return Rewritten(draft.answer, choices, sent, _how(versions.values()))

    async def _versions(self, asked: Json, draft: Draft, wanted: Sequence[int]) -> dict[int, Version]:
        """Of every choice that is wanted. What is not there in time is the notice."""
        made: dict[int, Version] = {}
        try:
            async with asyncio.timeout(self._settings.timeout_s) as limit:
                made |= zip(wanted, await self._candidates(asked), strict=False)
                async with asyncio.TaskGroup() as group:
                    for index in wanted[len(made) :]:
                        group.create_task(self._rewrite(asked, draft, index, made))
        except TimeoutError:
            if not limit.expired():
                raise
        return {index: await self._certified(made.get(index), index) for index in wanted}

    async def _candidates(self, asked: Json) -> list[Version]:
        """Other answers to the same request, those that are clean."""
        body = wording.candidate(asked, self._settings, self.wire.lengths)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._tried(body)) for _ in range(self._settings.candidates)]
        drafts = [task.result() for task in tasks]
        return [_resampled(each) for each in drafts if each is not None and each.clean(0)]

    async def _rewrite(self, asked: Json, draft: Draft, index: int, made: dict[int, Version]) -> None:
        text, notice = draft.text(index), self.refusal.notice
        for _ in range(self._settings.tries):
            if not wording.says_something(text, notice):
                return
            model = self._settings.model or str(asked["model"])
            kept = wording.kept(asked, self.wire.lengths)
            body = wording.rewriting(text, model, notice, kept, self._settings)
            tried = await self._tried(body, anew=True)
            if tried is None:
                continue
            if tried.clean(0) and REMOVED not in tried.text(0) and tried.text(0).strip():
                made[index] = _rewritten(tried, draft, index)
                return
            text = tried.text(0)

    async def _certified(self, version: Version | None, index: int) -> Version:
        guarded = self._guarded(self.request.choices)
        if version is not None and await holds_nothing(guarded, self.refusal, version.texts, index):
            return version
        return Version(How.ABSTAINED, self.refusal.texts(0), self.refusal.finish)

    async def _steered(self, body: bytes) -> bytes:
        helm, protection = self.services.helm, self.protection
        if helm is None:
            return body
        same = self._settings.model is None
        return await helm.onto(body, self.report, protection.policy, protection.snapshot, biased=same)

    async def _tried(self, body: bytes, *, anew: bool = False) -> Draft | None:
        """None where it failed. Of what is asked anew the engine was told nothing yet."""
        self.services.metrics.rewrite_requests.inc()
        try:
            if anew:
                given = await self._steered(body), wires()["chat"], 1
                return await self._draft(*given, self._settings.model)
            return await self._draft(body, self.wire, 1)
        except (ApiError, WireError):
            return None
        except Exception as error:
            # Neither the message nor the trace of an unknown error is logged: both may hold text.
            log.error("%s: %s in %s", self.trace.request, type(error).__name__, place(error))
            return None

    async def _draft(self, body: bytes, wire: Wire, choices: int, model: str | None = None) -> Draft:
        """One answer under a guard of its own."""
        answer, request = self._guarded(choices), self.trace.request
        with self.trace.asking(wire.name, model) as call:
            async with self.services.upstream.post(wire.path, body, request, self.load, call.header) as reply:
                call.status = reply.status
                if reply.status != 200:
                    raise await checked_error(reply, answer)
                heard = await self.protection.heard(wire, await reply.body(), choices, streamed=False)
        told = await whole_answer(heard, answer, self.refusal, self.request.size)
        return Draft(answer, told.choices, told.usage, heard.usage, answer.near)

    def _guarded(self, choices: int) -> Answer:
        machine_read = self.request.machine_read
        guard = self.protection.guard(self.report, self.called, machine_read, self.near.are_hits)
        estimates = self.report.is_cut or bool(self.protection.policy.cloak)
        judge = self.protection.judge_of(guard, self.called, self.trace.parent)
        return Answer(guard, judge, choices, estimates=estimates)


def _put(each: Choice, version: Version | None) -> Choice:
    return each if version is None else Choice(each.index, moved(version.texts, each.index), version.finish)


def _resampled(draft: Draft) -> Version:
    counted, reasoned = draft.count("completion_tokens"), draft.reasoned or 0
    return Version(How.RESAMPLED, draft.texts(0), draft.finish(0), counted, reasoned, draft.near)


def _rewritten(tried: Draft, draft: Draft, index: int) -> Version:
    """With the draft's reasoning: that of who rewrites is about rewriting."""
    reasoning = draft.reasoning(index)
    said = (*reasoning, (text_key(index, Channel.CONTENT, 0), tried.text(0)))
    reasoned = draft.reasoned or 0 if reasoning and len(draft.choices) == 1 else 0
    counted = tried.count("completion_tokens")
    if counted is not None:
        counted = counted - (tried.reasoned or 0) + reasoned
    if (reasoning and not reasoned) or (tried.reasoning(0) and tried.reasoned is None):
        counted = None
    return Version(How.REWRITTEN, said, tried.finish(0), counted, reasoned, tried.near)


def _near(draft: Draft, versions: dict[int, Version]) -> int:
    """Of what is sent: of a draft that is replaced nothing is."""
    own = draft.near if len(versions) < len(draft.choices) else 0
    return own + sum(version.near for version in versions.values())


def _how(versions: Iterable[Version]) -> How | None:
    order = list(How)
    return max((version.how for version in versions), key=order.index, default=None)


def _usage(draft: Draft, versions: dict[int, Version], size: int) -> Json | None:
    """As if what is sent had been the answer."""
    if not versions:
        return draft.usage
    prompt = None if draft.answer.estimates else draft.count("prompt_tokens")
    kept = [
        draft.released(index) for index in (each.index for each in draft.choices) if index not in versions
    ]
    said = sum(version.tokens for version in versions.values()) + (tokens(sum(kept)) if kept else 0)
    told = estimated(tokens(size) if prompt is None else prompt, said)
    if draft.reasoned is not None:
        told[DETAILS] = {"reasoning_tokens": sum(version.reasoned for version in versions.values())}
    return told
