"""Requests as spans of OpenTelemetry, sent on by its own exporter; loaded only where the settings say so.

Rules:
1. A span is made when its request is over, from what the audit log is told of it: while a request is under
   way nothing is done for it, and nothing but figures and configured names is in it.
2. Who came without a key leaves no span, as it leaves no line in the audit log.
3. Spans wait in a queue of bounded length and are dropped where the collector is slower: no answer waits.
"""

import asyncio
from collections.abc import Iterator, Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from gateway.config_tracing import Tracing
from gateway.fields import Fields
from gateway.trace import Trace
from gateway.tracing.call import Call
from gateway.tracing.context import Context, begun

OPERATIONS = {
    "chat": "chat",
    "batch": "chat",
    "completions": "text_completion",
    "responses": "chat",
    "messages": "chat",
    "embeddings": "embeddings",
}
SCOPE = InstrumentationScope("unsay")
Attribute = str | int | float | bool
Attributes = dict[str, Attribute]


class Spans:
    """Of one worker. Open it after forking: the processor has a thread."""

    def __init__(self, settings: Tracing, processor: SpanProcessor | None = None) -> None:
        self._settings = settings
        self._processor = processor or BatchSpanProcessor(
            OTLPSpanExporter(settings.endpoint, timeout=settings.timeout_s)
        )
        self._resource = Resource.create({"service.name": "unsay"})

    def begun(self, fields: Fields) -> Context | None:
        return begun(fields, self._settings)

    def told(self, trace: Trace) -> None:
        """The request is over."""
        for span in self._spans(trace):
            self._processor.on_end(span)

    async def close(self) -> None:
        """Sends what waits, as long as one attempt may take."""
        await asyncio.to_thread(self._processor.force_flush, int(self._settings.timeout_s * 1000))
        await asyncio.to_thread(self._processor.shutdown)

    def _spans(self, trace: Trace) -> Iterator[ReadableSpan]:
        context = trace.context
        if context is None:
            return
        own, parent = _place(context, context.span), None
        if context.caller is not None:
            parent = SpanContext(context.trace, context.caller, is_remote=True, trace_flags=TraceFlags(1))
        operation = OPERATIONS.get(trace.route, trace.route)
        named = f"{operation} {trace.model}" if trace.model else operation
        elapsed = trace.elapsed()
        failed = trace.status >= 500
        first = () if trace.first_s is None else (Event("first piece", timestamp=_at(trace, trace.first_s)),)
        told = _of_request(trace, operation)
        yield self._span(trace, named, own, parent, (0.0, elapsed), told, SpanKind.SERVER, failed, first)
        if trace.scan_s is not None and trace.prompt_s is not None:
            times = trace.scan_s, trace.scan_s + trace.prompt_s
            scan = _place(context, context.scan)
            yield self._span(trace, "scan of the prompt", scan, own, times, {}, SpanKind.INTERNAL)
        for call in trace.calls:
            place, times = _place(context, call.span), (call.asked_s, call.heard_s or elapsed)
            told = self._of_call(call) | (_tokens(trace) if len(trace.calls) == 1 else {})
            yield self._span(trace, _named(call), place, own, times, told, SpanKind.CLIENT, call.failed)

    def _of_call(self, call: Call) -> Attributes:
        told: Mapping[str, Attribute | None] = {
            "gen_ai.operation.name": OPERATIONS.get(call.route, call.route),
            "gen_ai.provider.name": self._settings.provider,
            "gen_ai.request.model": call.model,
            "http.response.status_code": call.status,
        }
        return {name: value for name, value in told.items() if value is not None}

    def _span(
        self,
        trace: Trace,
        name: str,
        own: SpanContext,
        parent: SpanContext | None,
        times: tuple[float, float],
        told: Attributes,
        kind: SpanKind,
        failed: bool = False,
        events: tuple[Event, ...] = (),
    ) -> ReadableSpan:
        return ReadableSpan(
            name,
            own,
            parent,
            self._resource,
            told,
            events,
            kind=kind,
            status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
            start_time=_at(trace, times[0]),
            end_time=_at(trace, times[1]),
            instrumentation_scope=SCOPE,
        )


def _place(context: Context, span: int) -> SpanContext:
    return SpanContext(context.trace, span, is_remote=False, trace_flags=TraceFlags(1))


def _named(call: Call) -> str:
    return f"{OPERATIONS.get(call.route, call.route)} {call.model}"


def _at(trace: Trace, elapsed_s: float) -> int:
    """In nanoseconds of the world's time."""
    return int((trace.at + elapsed_s) * 1e9)


def _of_request(trace: Trace, operation: str) -> Attributes:
    told: Mapping[str, Attribute | None] = {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": "unsay",
        "gen_ai.request.model": trace.model,
        "gen_ai.response.model": trace.model,
        "gen_ai.response.id": trace.request,
        "gen_ai.request.stream": trace.streamed,
        "gen_ai.response.time_to_first_chunk": trace.first_s,
        "http.response.status_code": trace.status,
        "error.type": trace.error,
        "unsay.outcome": trace.outcome.value,
        "unsay.findings": len(trace.findings()),
        "unsay.snapshot.generation": trace.generation,
    }
    return {name: value for name, value in told.items() if value is not None} | _tokens(trace)


def _tokens(trace: Trace) -> Attributes:
    """What the model server counted, where it did."""
    counted = (trace.answer.counted if trace.answer is not None else None) or {}
    names = {"input": ("prompt_tokens", "input_tokens"), "output": ("completion_tokens", "output_tokens")}
    found = {
        f"gen_ai.usage.{kind}_tokens": next((counted.get(each) for each in named if each in counted), None)
        for kind, named in names.items()
    }
    return {name: count for name, count in found.items() if isinstance(count, int)}
