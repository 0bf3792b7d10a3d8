"""A route that answers with guarded text, from the moment a client knocks to the moment it is gone.

Rules: this is the one boundary. Whatever breaks inside ends the answer in the API's error shape, and what was
held is not sent. A client that leaves ends the work for it at once, and every request has its record.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from starlette.types import Receive, Scope, Send

from gateway import errors
from gateway.audit.log import AuditError
from gateway.body import ClientGone, check, read
from gateway.cadence import PacedOutlet
from gateway.errors import ApiError
from gateway.fields import Fields, fields_of
from gateway.limits.admission import Permit
from gateway.limits.bodies import Load
from gateway.limits.near_hits import NearHits
from gateway.limits.patience import Patience
from gateway.limits.presence import Presence
from gateway.limits.slow_reader import PRESENCE
from gateway.memory.session import HEADER
from gateway.outlet import Outlet
from gateway.place import place
from gateway.record import Record
from gateway.services import Services
from gateway.trace import Outcome, Trace
from gateway.upstream.error import GENERIC, UPSTREAM_ERROR
from gateway.wire.answer import WireError
from gateway.wire.framing import DataFraming, Framing

log = logging.getLogger("unsay")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was let in, and all of its body. `conversation` is what its client calls it, if so."""

    services: Services
    record: Record
    outlet: Outlet
    near: NearHits
    load: Load
    raw: bytes
    conversation: str | None


# All that a route does about one request, to the last byte of its answer.
Answered = Callable[[Asked], Awaitable[None]]
# Whether the key of this name may ask here: an error where it may not.
Permitted = Callable[[Services, str | None], None]


def anyone(_: Services, __: str | None) -> None:
    """Whoever has a key."""


class Endpoint:
    """The ASGI application of one route, by whose name its requests are counted and recorded."""

    def __init__(
        self,
        route: str,
        answered: Answered,
        framing: Callable[[], Framing] = DataFraming,
        permitted: Permitted = anyone,
    ) -> None:
        self.route, self.answered, self.framing, self.permitted = route, answered, framing, permitted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        services: Services = scope["state"]["services"]
        request_id = f"req_{secrets.token_hex(12)}"
        outlet = _outlet(services, send, request_id, self.framing())
        visit = _Visit(self, services, Trace(request_id, self.route), outlet)
        running = services.metrics.running
        running.inc()
        try:
            await visit.run(scope, receive)
        finally:
            running.dec()


class _Visit:
    def __init__(self, endpoint: Endpoint, services: Services, trace: Trace, outlet: Outlet) -> None:
        self._endpoint = endpoint
        self._services, self._trace, self._outlet = services, trace, outlet
        self._record, self._patience = Record(services, trace), Patience(services.drain)

    async def run(self, scope: Scope, receive: Receive) -> None:
        """Any failure ends the answer closed."""
        presence: Presence = scope["state"][PRESENCE]
        try:
            async with self._patience:
                presence.tell(self._gone)
                try:
                    await self._answered(fields_of(scope), receive)
                finally:
                    presence.tell(None)
        except ClientGone:
            self._trace.outcome = Outcome.LEFT
            self._trace.error = "reader_timeout" if presence.unread else None
        except ApiError as error:
            await self._fail(await self._nameless(error))
        except WireError as error:
            log.warning("%s: the model server's answer: %s", self._trace.request, error)
            await self._fail(errors.upstream_broken())
        except AuditError:
            # The log's writer has said why, once.
            await self._fail(errors.no_records())
        except Exception as error:
            # Neither the message nor the trace of an unknown error is logged: both may hold text.
            log.error("%s: %s in %s", self._trace.request, type(error).__name__, place(error))
            await self._fail(errors.failed())
        finally:
            self._outlet.close()
            self._record.close()

    async def _answered(self, fields: Fields, receive: Receive) -> None:
        permit = self._permit(fields)
        self._record.pays_from(permit.tokens)
        with permit.at_once:
            await self._served(permit, fields, receive)

    async def _served(self, permit: Permit, fields: Fields, receive: Receive) -> None:
        services, limits = self._services, self._services.config.limits
        async with services.admission.slots.one():
            with services.admission.bodies.one() as load:
                check(fields, limits)
                self._patience.within(limits.body_s, errors.too_slow)
                raw = await read(receive, limits, load)
                self._patience.within(limits.answer_s, errors.upstream_slow)
                near, named = NearHits(permit.near_hits), _named(fields)
                asked = Asked(services, self._record, self._outlet, near, load, raw, named)
                await self._endpoint.answered(asked)

    def _permit(self, fields: Fields) -> Permit:
        """Whether it may ask now. Nothing of the body was read yet."""
        services = self._services
        self._trace.key = services.keys.admit(fields)
        if services.spans is not None:
            self._trace.context = services.spans.begun(fields)
        self._endpoint.permitted(services, self._trace.key)
        permit = services.admission.ask(self._trace.key)
        if not services.may_answer():
            raise errors.no_ledger()
        if not services.audit.alive:
            raise AuditError("the record of what would be answered cannot be kept")
        return permit

    def _gone(self) -> None:
        # Who leaves after the last byte has its answer.
        if not self._outlet.ended:
            self._patience.leave()

    async def _nameless(self, error: ApiError) -> ApiError:
        """The model server's errors may say names that are not public."""
        told = error.code == UPSTREAM_ERROR and error.message != GENERIC
        if told and await self._services.models.hides(error.message, self._trace.key):
            return replace(error, message=GENERIC)
        return error

    async def _fail(self, error: ApiError) -> None:
        # Nothing may begin while the line is written that says whether anything did.
        self._outlet.wait()
        try:
            await self._record.fail(200 if self._outlet.begun else error.status, error.code)
        except AuditError:
            error = errors.no_records()
        await self._outlet.fail(error)


def _outlet(services: Services, send: Send, request_id: str, framing: Framing) -> Outlet:
    every_ms = services.config.release_every_ms
    if not every_ms:
        return Outlet(send, request_id, framing)
    return PacedOutlet(send, request_id, every_ms / 1000, framing)


def _named(fields: Fields) -> str | None:
    """What the client calls the conversation; one that is called twice has both names."""
    return ",".join(name.decode("latin-1") for name in fields.get(HEADER, ())) or None
