"""What one running gateway has: built once at the start, handed to whoever needs it, closed at the end."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.audit.log import AuditError, AuditLog
from gateway.auth import Keyring
from gateway.config import Config
from gateway.config_ledger import Unreachable
from gateway.following.contact import Contact
from gateway.limits.admission import Admission
from gateway.metrics import Metrics
from gateway.models import Models
from gateway.monitoring import Monitoring
from gateway.protection import Protection, now
from gateway.steering.canary import Obeys
from gateway.steering.helm import Helm, ask_all
from gateway.upstream.client import Connections, UpstreamClient
from gateway.upstream.pool import Pool
from gateway.workers.drain import Drain
from gateway.workers.shared import Shared
from policy.policy import OnError
from policy.signing_key import SigningKey, SigningKeyError

if TYPE_CHECKING:
    from gateway.memory.memory import Memory
    from gateway.tracing.spans import Spans

# For what was answered and is still to be looked through, at the end.
MONITORING_S = 2.0


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
