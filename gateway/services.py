"""What one running gateway has: built once at the start, handed to whoever needs it, closed at the end."""

import asyncio
import logging
import weakref
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from filters.answer_guard import AnswerGuard, TextKey
from filters.prompt import PromptReport, Segment
from filters.scan import Ask
from filters.semantic import Levels, answer_findings
from gateway import doubt_work, errors
from gateway.audit.log import AuditError, AuditLog
from gateway.auth import Keyring
from gateway.config import Config
from gateway.config_ledger import Unreachable
from gateway.doubts import Doubts
from gateway.following.contact import Contact
from gateway.judging import Hits, JudgeTimeout, Judging
from gateway.large import LARGE_BODY, LargeTexts, is_large
from gateway.large_work import Start
from gateway.limits.admission import Admission
from gateway.metrics import Metrics
from gateway.models import Models
from gateway.monitoring import Monitoring
from gateway.prompt import Body, Prompt, Reader, Scan, SmallPrompt, may_show
from gateway.prompt import Judge as AskedJudge
from gateway.rewriting.awaited import rewrites
from gateway.settle import Judged
from gateway.steering.canary import Obeys
from gateway.steering.helm import Helm, ask_all
from gateway.upstream.client import Connections, UpstreamClient
from gateway.upstream.pool import Pool
from gateway.wire.answer import Heard
from gateway.wire.measure import Measure
from gateway.wire.wire import Wire
from gateway.wire.writer import Frame
from gateway.workers.drain import Drain
from gateway.workers.shared import Shared
from index.bits import word_bits
from index.similarity import Judge, Tenant
from policy.entry import Called, Model
from policy.finding import Finding
from policy.policy import OnError, Policy
from policy.signing_key import SigningKey, SigningKeyError
from policy.surface import Channel, Role

if TYPE_CHECKING:
    from gateway.memory.memory import Memory
    from gateway.tracing.spans import Spans
    from index.snapshot import Snapshot

log = logging.getLogger("unsay")

# For what was answered and is still to be looked through, at the end.
MONITORING_S = 2.0

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


@dataclass(slots=True)
class Services:
    """Settings and protection are swapped whole when files have changed; everything else stays."""

    config: Config
    protection: Protection
    upstream: UpstreamClient
    models: Models
    audit: AuditLog
    metrics: Metrics
    keys: Keyring
    admission: Admission
    monitoring: Monitoring
    memory: "Memory | None" = None
    helm: Helm | None = None
    contact: Contact | None = None
    spans: "Spans | None" = None
    drain: Drain = field(default_factory=Drain)
    reload_failed_at: float | None = None

    def take(self, config: Config, protection: Protection) -> None:
        """From now on, for requests that begin now."""
        self.config, self.protection = config, protection
        self.keys = Keyring(config.keys)
        self.models = _models(config, self.upstream, protection)
        self.upstream.limits = config.limits
        self.admission = self.admission.under(config)
        self.metrics.generation.set(protection.snapshot.generation)

    @property
    def ledger_is_lost(self) -> bool:
        """Whether the ledger that is followed was not heard for too long."""
        settings = self.config.ledger
        return (
            settings is not None
            and self.contact is not None
            and self.contact.silent_s > settings.most_stale_s
        )

    def may_answer(self) -> bool:
        """Whether what is in force may be gone by."""
        settings = self.config.ledger
        lax = settings is None or settings.on_unreachable is Unreachable.KEEP
        return lax or not self.ledger_is_lost

    def reload_failed(self, at: float | None) -> None:
        """Since when a changed file cannot be used; None when all that changed is in force."""
        self.reload_failed_at = at
        self.metrics.reload_failed.set(at is not None)


def _models(config: Config, upstream: UpstreamClient, protection: Protection) -> Models:
    return Models(config, upstream, int(now().timestamp()), protection.snapshot.entries)


def open_audit(config: Config) -> AuditLog:
    file = config.audit.key
    try:
        key = SigningKey.load_or_create(file) if file is not None else None
    except (SigningKeyError, OSError) as error:
        raise AuditError(str(error)) from None
    return AuditLog(config.audit.path, config.audit.sync_s, key=key)


def open_memory(config: Config, failed: Callable[[], None]) -> "Memory | None":
    """Loaded when it is wanted: a gateway without sessions needs no database."""
    if config.memory is None:
        return None
    from gateway.memory.memory import Memory
    from gateway.memory.store import Store

    settings = config.memory
    address = settings.url or settings.path or config.audit.path.with_name("memory.sqlite")
    store = Store(address, settings.pieces_per_key)
    return Memory(store, settings.ttl_s, failed, takes_broken_for_empty=settings.on_error is OnError.OPEN)


def open_spans(config: Config) -> "Spans | None":
    """Loaded when it is wanted, too."""
    if config.tracing is None:
        return None
    from gateway.tracing.spans import Spans

    return Spans(config.tracing)


@asynccontextmanager
async def steered(services: Services) -> AsyncIterator[None]:
    """Where steering is wanted, canaries fly from here on."""

    async def ask() -> list[Obeys]:
        return await ask_all(services.upstream, services.models, services.protection.snapshot)

    key = services.protection.snapshot.place[1]
    services.helm = Helm.of(services.config, ask, services.metrics, key)
    if services.helm is None:
        yield
        return
    async with services.helm.proof.watching():
        yield


@asynccontextmanager
async def open_services(
    config: Config,
    protection: Protection,
    audit: AuditLog | None = None,
    shared: Shared | None = None,
    connections: Connections = Pool,
) -> AsyncIterator[Services]:
    """The protection and the log belong to the services from here on, and are closed with them."""
    shared = shared or Shared()
    upstream = UpstreamClient(config.upstream, config.limits, connections)
    metrics, audit = Metrics(shared.numbers), audit or open_audit(config)
    services = Services(
        config=config,
        protection=protection,
        upstream=upstream,
        models=_models(config, upstream, protection),
        audit=audit,
        metrics=metrics,
        keys=Keyring(config.keys),
        admission=Admission(config, shared.table, shared.under_way, metrics.waiting),
        monitoring=Monitoring(audit, metrics),
        memory=open_memory(config, metrics.memory_errors.inc),
        contact=shared.contact,
        spans=open_spans(config),
    )
    # The services alone hold it: once it is replaced, it goes with the last request that began with it.
    del protection
    services.metrics.generation.set(services.protection.snapshot.generation)
    try:
        await services.protection.warm()
        if services.memory is not None:
            await services.memory.reached()
        async with upstream, steered(services):
            yield services
    finally:
        await services.monitoring.close(MONITORING_S)
        services.protection.close()
        if services.memory is not None:
            services.memory.close()
        if services.spans is not None:
            await services.spans.close()
        services.audit.close()
