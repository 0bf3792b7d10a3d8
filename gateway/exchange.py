"""One chat request from its first byte to its last.

Rules: nothing goes to the model server that was not scanned, nothing to the client that was not guarded.
Whatever breaks ends the answer in the API's error shape, and what was held is not sent. The audit line is
written before the last byte leaves.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable
from contextlib import aclosing

import orjson
from starlette.types import Receive, Scope, Send

from gateway import errors
from gateway.answer import Answer
from gateway.audit import AuditError
from gateway.body import ClientGone, gone, read_body
from gateway.chat_stream import ChatStream
from gateway.chat_whole import whole_answer
from gateway.config import RefusalShape, UnknownFields
from gateway.errors import ApiError, Json
from gateway.outlet import Outlet
from gateway.prompt import let_through, scan, size
from gateway.refusal import Frame, Refusal, estimated, tokens
from gateway.services import Protection, Services
from gateway.sse import Event
from gateway.trace import Outcome, Trace
from gateway.upstream import ERROR_BYTES, Reply
from gateway.upstream_error import checked_error
from gateway.wire.chat import ChatRequest, read_chat
from gateway.wire.chat_answer import WireError

log = logging.getLogger("unsay")


class ChatEndpoint:
    """The ASGI application of the route."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = f"req_{secrets.token_hex(12)}"
        trace = Trace(request_id, "chat")
        exchange = Exchange(self._services, trace, Outlet(send, request_id))
        self._services.running += 1
        try:
            full = self._services.running > self._services.config.limits.requests
            with self._services.metrics.running.track_inprogress():
                await exchange.run(scope, receive, full)
        finally:
            self._services.running -= 1


class Exchange:
    def __init__(self, services: Services, trace: Trace, outlet: Outlet) -> None:
        self._services, self._trace, self._outlet = services, trace, outlet
        self._protection: Protection = services.protection

    async def run(self, scope: Scope, receive: Receive, full: bool) -> None:
        try:
            await self._guarded(scope, receive, full)
        finally:
            # A client that left arrives here as a cancellation: nothing may be awaited.
            self._finish()

    async def _guarded(self, scope: Scope, receive: Receive, full: bool) -> None:
        """The one boundary: any failure ends the answer closed."""
        try:
            if full:
                raise errors.overloaded()
            async with self._services.drain.under_way():
                request, key = await self._admit(scope, receive)
                self._trace.key = key
                await self._unless_gone(receive, self._answered(request))
        except ClientGone:
            self._trace.outcome = Outcome.LEFT
        except ApiError as error:
            await self._fail(error)
        except WireError as error:
            log.warning("%s: the model server's answer: %s", self._trace.request, error)
            await self._fail(errors.upstream_broken())
        except AuditError as error:
            log.error("%s", error)
            await self._fail(errors.unavailable("The gateway cannot keep its records and serves nothing."))
        except Exception as error:
            # Neither the message nor the trace of an unknown error is logged: both may hold text.
            log.error("%s: %s in %s", self._trace.request, type(error).__name__, _place(error))
            await self._fail(errors.failed())

    async def _unless_gone(self, receive: Receive, work: Awaitable[None]) -> None:
        """Do the work, and leave it at once when the client leaves."""
        working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(gone(receive))
        try:
            await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
            # Servers also say that the client is gone when the answer is complete.
            if not working.done() and not self._outlet.ended:
                raise ClientGone
            await working
        finally:
            for task in (working, leaving):
                task.cancel()
            await asyncio.gather(working, leaving, return_exceptions=True)

    async def _admit(self, scope: Scope, receive: Receive) -> tuple[ChatRequest, str | None]:
        services = self._services
        key = services.keys.admit(scope)
        if not services.audit.alive:
            raise AuditError("the audit log is dead")
        raw = await read_body(scope, receive, services.config.limits)
        strip = services.config.unknown_fields is UnknownFields.STRIP
        if len(raw) > ERROR_BYTES:
            return await asyncio.to_thread(read_chat, services.chat, raw, services.config.limits, strip), key
        return read_chat(services.chat, raw, services.config.limits, strip), key

    async def _answered(self, request: ChatRequest) -> None:
        try:
            async with asyncio.timeout(self._services.config.limits.answer_s) as limit:
                await self._answer(request)
        except TimeoutError:
            if limit.expired():
                raise errors.upstream_slow() from None
            raise

    async def _answer(self, request: ChatRequest) -> None:
        trace, protection = self._trace, self._protection
        model, upstream_model = await self._services.models.choose(request.model)
        trace.model, trace.streamed = model, request.stream
        trace.policy, trace.generation = protection.digest, protection.snapshot.generation
        before = trace.elapsed()
        report = await scan(protection, request, model)
        trace.prompt_s = trace.elapsed() - before
        trace.report = report
        frame = Frame(f"chatcmpl-{secrets.token_hex(12)}", int(trace.at), model)
        refusal = Refusal(protection.policy.notice, self._services.config.refusal, request.machine_read)
        if not let_through(request, report):
            trace.outcome = Outcome.REFUSED
            return await self._refuse(request, frame, refusal)
        guard = protection.guard(report, model, request.machine_read)
        answer = Answer(guard, protection.judge, request.choices)
        trace.answer = answer
        body = request.body | {"model": upstream_model}
        async with self._services.upstream.chat(body, trace.request) as reply:
            trace.upstream_status = reply.status
            if reply.status != 200:
                raise await self._upstream_error(reply, answer)
            return await self._relay(request, reply, answer, frame, refusal)

    async def _relay(
        self, request: ChatRequest, reply: Reply, answer: Answer, frame: Frame, refusal: Refusal
    ) -> None:
        if request.stream:
            await self._stream(
                request, reply, ChatStream(self._services.chat, answer, frame, refusal, request)
            )
        else:
            data = parsed(await reply.body())
            body = await whole_answer(self._services.chat, data, answer, frame, refusal, size(request))
            self._trace.outcome = Outcome.WITHHELD if answer.withheld else Outcome.ANSWERED
            await self._record(200)
            await self._outlet.json(body)

    async def _stream(self, request: ChatRequest, reply: Reply, stream: ChatStream) -> None:
        if not reply.streamed:
            raise WireError("expected a stream")
        async with aclosing(reply.events()) as batches:
            async for batch in batches:
                if await self._passed_on(batch, stream):
                    break
        if not stream.complete:
            raise errors.upstream_cut()
        await self._send(stream.last(size(request)))
        self._trace.outcome = Outcome.WITHHELD if stream.answer.withheld else Outcome.ANSWERED
        await self._record(200)
        await self._outlet.done()
        if not stream.answer.all_stopped:
            await reply.rest()

    async def _passed_on(self, batch: list[Event], stream: ChatStream) -> bool:
        """Send on what came in one piece, in one piece. True when that was the end."""
        sent: list[Json] = []
        over = False
        try:
            for event in batch:
                over = event.data == b"[DONE]"
                if not over:
                    sent += await stream.chunks(parsed(event.data))
                    over = stream.answer.all_stopped
                if over:
                    break
        except (ApiError, WireError):
            if sent:
                await self._send(sent)
            raise
        await self._send(sent)
        self._services.metrics.held.observe(max(0, stream.answer.fed - stream.answer.released))
        return over

    async def _send(self, events: list[Json]) -> None:
        if events and self._trace.first_s is None:
            self._trace.first_s = self._trace.elapsed()
            self._services.metrics.first_seconds.observe(self._trace.first_s)
        await self._outlet.events(events)

    async def _refuse(self, request: ChatRequest, frame: Frame, refusal: Refusal) -> None:
        if refusal.shape is RefusalShape.ERROR:
            raise errors.withheld(refusal.notice)
        usage = estimated(tokens(size(request)), tokens(len(refusal.notice)) * request.choices)
        await self._record(200)
        if request.stream:
            chunks = list(refusal.chunks(frame, request.choices))
            await self._send(chunks + ([frame.usage_chunk(usage)] if request.include_usage else []))
            await self._outlet.done()
        else:
            await self._outlet.json(refusal.whole(frame, request.choices, usage))

    async def _upstream_error(self, reply: Reply, answer: Answer) -> ApiError:
        return await checked_error(reply.status, await reply.body(ERROR_BYTES), reply.retry_after, answer)

    async def _record(self, status: int) -> None:
        """Write the audit line, and wait until it is written."""
        trace = self._trace
        trace.status = status
        if not trace.recorded:
            trace.recorded = True
            await asyncio.wrap_future(self._services.audit.record(trace.record()))

    async def _fail(self, error: ApiError) -> None:
        trace = self._trace
        trace.error = error.code
        if error.code is not None and error.code.startswith("upstream_"):
            self._services.metrics.upstream_errors.labels(error.code.removeprefix("upstream_")).inc()
        if trace.outcome is not Outcome.REFUSED:
            trace.outcome = Outcome.REJECTED if error.status < 500 else Outcome.FAILED
        if error.status != 401:
            try:
                await self._record(200 if self._outlet.begun else error.status)
            except AuditError:
                error = errors.unavailable("The gateway cannot keep its records and serves nothing.")
        await self._outlet.fail(error)

    def _finish(self) -> None:
        trace, metrics = self._trace, self._services.metrics
        if not trace.recorded and trace.error != "invalid_api_key":
            trace.recorded = True
            self._services.audit.record(trace.record())
        metrics.requests.labels(trace.route, trace.outcome).inc()
        metrics.seconds.labels(trace.outcome).observe(trace.elapsed())
        if trace.prompt_s is not None:
            metrics.prompt_seconds.observe(trace.prompt_s)
        for one in trace.findings():
            metrics.findings.labels(one["surface"], one["action"], one["detector"]).inc()


def parsed(data: bytes) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise WireError("is not JSON") from None


def _place(error: Exception) -> str:
    """The innermost place of an error in the code; no values."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return "an unknown place" if step is None else f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}"
