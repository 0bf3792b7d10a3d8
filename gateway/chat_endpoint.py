"""The chat route, from the moment a client knocks to the moment it is gone.

Rules: this is the one boundary. Whatever breaks inside ends the answer in the API's error shape, and what was
held is not sent. A client that leaves ends the work for it at once, and every request has its record.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable

from starlette.types import Receive, Scope, Send

from gateway import errors
from gateway.audit.log import AuditError
from gateway.body import ClientGone, gone, headers, read_body
from gateway.errors import ApiError
from gateway.exchange import Exchange
from gateway.limits.admission import Permit
from gateway.limits.arrival import Arrival
from gateway.limits.near_hits import NearHits
from gateway.limits.slow_reader import cut_off
from gateway.memory.session import HEADER
from gateway.outlet import Outlet
from gateway.place import place
from gateway.record import Record
from gateway.services import Services
from gateway.trace import Outcome, Trace
from gateway.wire.chat_answer import WireError

log = logging.getLogger("unsay")


class ChatEndpoint:
    """The ASGI application of the route."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = f"req_{secrets.token_hex(12)}"
        visit = _Visit(self._services, Trace(request_id, "chat"), Outlet(send, request_id))
        with self._services.metrics.running.track_inprogress():
            await visit.run(scope, receive)


class _Visit:
    def __init__(self, services: Services, trace: Trace, outlet: Outlet) -> None:
        self._services, self._trace, self._outlet = services, trace, outlet
        self._record = Record(services, trace)
        self._gone = False

    async def run(self, scope: Scope, receive: Receive) -> None:
        try:
            await self._guarded(scope, receive)
        finally:
            self._record.close()

    async def _guarded(self, scope: Scope, receive: Receive) -> None:
        """Any failure ends the answer closed."""
        try:
            async with self._services.drain.under_way():
                permit = self._permit(scope)
                arrival = Arrival(receive)
                admission = self._services.admission
                async with admission.slots.one(arrival.left):
                    with admission.bodies.one() as load:
                        raw = await read_body(scope, arrival, self._services.config.limits, load)
                        await self._unless_gone(arrival, self._exchange(scope, permit).answered(raw))
        except ClientGone:
            self._trace.outcome = Outcome.LEFT
            self._trace.error = "reader_timeout" if cut_off(scope) else None
        except ApiError as error:
            await self._fail(error)
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

    def _exchange(self, scope: Scope, permit: Permit) -> Exchange:
        near = NearHits(permit.near_hits)
        return Exchange(self._services, self._record, self._outlet, near, _named(scope))

    def _permit(self, scope: Scope) -> Permit:
        """Whether it may ask now. Nothing of the body was read yet."""
        services = self._services
        self._trace.key = services.keys.admit(scope)
        permit = services.admission.ask(self._trace.key)
        if not services.audit.alive:
            raise AuditError("the record of what would be answered cannot be kept")
        return permit

    async def _unless_gone(self, receive: Receive, work: Awaitable[None]) -> None:
        """Do the work in the time that it may take, and leave it at once when the client leaves."""
        try:
            async with asyncio.timeout(self._services.config.limits.answer_s) as limit:
                leaving = asyncio.ensure_future(self._watch(receive, limit))
                try:
                    await work
                finally:
                    leaving.cancel()
        except TimeoutError:
            if limit.expired():
                raise (ClientGone() if self._gone else errors.upstream_slow()) from None
            raise

    async def _watch(self, receive: Receive, limit: asyncio.Timeout) -> None:
        await gone(receive)
        # Servers also say that the client is gone when the answer is complete.
        if not self._outlet.ended:
            self._gone = True
            limit.reschedule(0)

    async def _fail(self, error: ApiError) -> None:
        try:
            await self._record.fail(200 if self._outlet.begun else error.status, error.code)
        except AuditError:
            error = errors.no_records()
        await self._outlet.fail(error)


def _named(scope: Scope) -> str | None:
    """What the client calls the conversation; one that is called twice has both names."""
    return ",".join(name.decode("latin-1") for name in headers(scope, HEADER)) or None
