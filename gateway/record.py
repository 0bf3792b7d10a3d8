"""What is kept of one request: its line in the audit log, once, and the metrics.

Rule: the line is written before the last byte of the answer leaves. What nobody waits for is written all the
same: for a client that left, and for an answer that had begun when the log failed.
"""

from concurrent.futures import Future

from gateway.audit.log import AuditError
from gateway.limits.allowance import Allowance
from gateway.services import Services
from gateway.trace import Outcome, Trace

# Whoever comes without a key writes nothing: the log would be a stranger's to fill.
UNRECORDED = 401


class Record:
    def __init__(self, services: Services, trace: Trace) -> None:
        self._services = services
        self.trace = trace
        self._remembering: Future[None] | None = None
        self._purse: Allowance | None = None

    def pays_from(self, tokens: Allowance | None) -> None:
        """What it costs is taken from there, once, before its last byte leaves."""
        self._purse = tokens

    def _pay(self) -> None:
        purse, self._purse = self._purse, None
        if purse is not None:
            purse.spend(self.trace.tokens())

    def remember(self, writing: "Future[None]") -> None:
        """What the session's next request must know: waited for before the last byte leaves."""
        self._remembering = writing

    async def write(self, status: int) -> None:
        """Write the audit line, and wait until it is written."""
        trace = self.trace
        trace.status = status
        if trace.recorded:
            return
        self._pay()
        await self._remembered()
        trace.recorded = True
        try:
            await self._services.audit.record(trace.record(), again=trace.first_s is not None)
        except AuditError:
            # What has begun is still owed its line: `close` leaves it with the log.
            trace.recorded = trace.first_s is None
            raise

    async def _remembered(self) -> None:
        writing, self._remembering = self._remembering, None
        if writing is not None and self._services.memory is not None:
            await self._services.memory.kept(writing)

    async def fail(self, status: int, code: str | None) -> None:
        """Write what went wrong. A refused prompt stays one, whatever shape its refusal has."""
        trace = self.trace
        trace.error = code
        if code is not None and code.startswith("upstream_"):
            self._services.metrics.upstream_errors(code.removeprefix("upstream_")).inc()
            if self._services.helm is not None:
                self._services.helm.proof.lost(code)
        if trace.outcome is not Outcome.REFUSED:
            trace.outcome = Outcome.REJECTED if 400 <= status < 500 else Outcome.FAILED
        if status != UNRECORDED:
            await self.write(status)
        trace.recorded = True

    def close(self) -> None:
        """The request is over. Nothing may be awaited here: a client that left arrives as a cancellation."""
        trace, metrics = self.trace, self._services.metrics
        self._pay()
        if not trace.recorded:
            trace.recorded = True
            self._services.audit.note(trace.record())
        if trace.context is not None and self._services.spans is not None:
            self._services.spans.told(trace)
        metrics.requests(trace.route, trace.outcome).inc()
        metrics.seconds(trace.outcome).observe(trace.elapsed())
        if trace.usage is not None:
            metrics.tokens(trace.usage)
        if trace.near_is_hit:
            metrics.near_is_hit.inc()
        if trace.prompt_s is not None:
            metrics.prompt_seconds.observe(trace.prompt_s)
        for one in trace.findings():
            metrics.findings(one["surface"], one["action"], one["detector"]).inc()
