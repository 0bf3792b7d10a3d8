"""What would be done about a request, were the entries enforced that are only monitored: found and told.

Rules: a request is looked through when its answer is over, against a snapshot of its own, so that neither the
answer nor its moments show what is monitored. What is too much at a time is not looked through, and counted.
Texts are held until then, in memory, and no longer.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from filters.answer_guard import AnswerGuard, Taken, TextKey
from filters.scan import Ask
from filters.step import Step
from gateway.answer import CHANGES, Answer
from gateway.audit.log import AuditLog
from gateway.errors import ApiError, Json
from gateway.metrics import Metrics
from gateway.place import place
from gateway.prompt import Body, Scanned
from gateway.trace import LISTED, in_answer, in_prompt
from gateway.wire.answer import Slot
from policy.entry import Called
from policy.finding import Finding

if TYPE_CHECKING:
    from gateway.services import Protection

log = logging.getLogger("unsay")

# Of all requests that wait, and of the answer of one.
MOST_BYTES = 32 * 2**20
MOST_LETTERS = 2**18


class Would(StrEnum):
    """What would have become of a request."""

    PASSED = "passed"
    CHANGED = "changed"
    REFUSED = "refused"
    WITHHELD = "withheld"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(slots=True)
class Said:
    """What the model said, as far as it is looked through."""

    texts: dict[TextKey, list[str]] = field(default_factory=dict)
    size: int = 0

    def add(self, key: TextKey, text: str) -> None:
        if self.size < MOST_LETTERS:
            self.texts.setdefault(key, []).append(text)
            self.size += len(text)

    @property
    def slots(self) -> list[Slot]:
        return [Slot(key, "".join(said)) for key, said in self.texts.items()]


class Overheard:
    """A guard that does what another does; what it is fed is also noted."""

    def __init__(self, guard: AnswerGuard, heard: Said) -> None:
        self._guard, self._heard = guard, heard

    def passes(self, key: TextKey, text: str) -> bool:
        passes = self._guard.passes(key, text)
        if passes:
            self._heard.add(key, text)
        return passes

    def feed(self, key: TextKey, text: str) -> Step:
        self._heard.add(key, text)
        return self._guard.feed(key, text)

    def settle(self, key: TextKey, ask: Ask, findings: Sequence[Finding]) -> Step:
        return self._guard.settle(key, ask, findings)

    def finish(self, key: TextKey) -> Step:
        return self._guard.finish(key)

    def keys(self, choice: int) -> tuple[TextKey, ...]:
        return self._guard.keys(choice)

    @property
    def findings(self) -> tuple[Taken, ...]:
        return self._guard.findings

    @property
    def unlisted(self) -> int:
        return self._guard.unlisted

    @property
    def near(self) -> int:
        return self._guard.near


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that is over. `called`: who asked for what."""

    request: str
    shadow: "Protection"
    body: Body
    called: Called
    heard: Said

    @property
    def size(self) -> int:
        return len(self.body.raw) + 4 * self.heard.size


class Monitoring:
    """Of one worker. One request after the other, so that those who are answered do not wait for many."""

    def __init__(self, audit: AuditLog, metrics: Metrics) -> None:
        self._audit, self._metrics = audit, metrics
        self._waiting = 0
        self._turn = asyncio.Lock()
        self._looks: set[asyncio.Task[None]] = set()

    def look(self, seen: Seen) -> None:
        """Later. Nothing is waited for here."""
        if self._waiting + seen.size > MOST_BYTES:
            self._metrics.monitored_requests(Would.SKIPPED).inc()
            return
        self._waiting += seen.size
        look = asyncio.ensure_future(self._look(seen))
        self._looks.add(look)
        look.add_done_callback(self._looks.discard)

    async def close(self, within_s: float) -> None:
        """What waits is looked through, if that does not take too long."""
        if self._looks:
            _, late = await asyncio.wait(self._looks, timeout=within_s)
            for look in late:
                look.cancel()

    async def _look(self, seen: Seen) -> None:
        try:
            async with self._turn:
                await self._tell(seen)
        except ApiError:
            # What cannot be read was refused for it.
            self._metrics.monitored_requests(Would.FAILED).inc()
        except Exception as error:
            # Its message may hold text.
            log.error("%s: monitoring: %s in %s", seen.request, type(error).__name__, place(error))
            self._metrics.monitored_requests(Would.FAILED).inc()
        finally:
            self._waiting -= seen.size

    async def _tell(self, seen: Seen) -> None:
        scanned, answer = await looked_through(seen)
        findings = in_prompt(scanned.report) + in_answer(answer.findings)
        would = _would(scanned, answer)
        self._metrics.monitored_requests(would).inc()
        for one in findings:
            self._metrics.monitored_findings(one["surface"], one["action"], one["detector"]).inc()
        if findings:
            self._audit.note(_record(seen, would, findings, scanned.unlisted + answer.unlisted))


async def looked_through(seen: Seen) -> tuple[Scanned, Answer]:
    """The prompt and what the model said to it, as if what is monitored were enforced."""
    shadow, called = seen.shadow, seen.called
    prompt = await shadow.read(seen.body)
    scanned = await prompt.scan(shadow.scan(called))
    if scanned.must_ask:
        report = scanned.report
        judge = shadow.judge_for(called)
        scanned = await prompt.settle(await judge(report.asks, report.shares, report.in_force))
    request = prompt.request
    guard = shadow.guard(scanned.report, called, request.machine_read)
    answer = Answer(guard, shadow.judge_of(guard, called), request.choices)
    for slot in seen.heard.slots:
        await answer.say(slot)
    for choice in {slot.key.choice for slot in seen.heard.slots}:
        await answer.flush(choice)
    return scanned, answer


def _would(scanned: Scanned, answer: Answer) -> Would:
    if scanned.body is None:
        return Would.REFUSED
    if answer.withheld:
        return Would.WITHHELD
    changes = any(found.verdict.action in CHANGES for found in scanned.report.findings)
    return Would.CHANGED if changes else Would.PASSED


def _record(seen: Seen, would: Would, findings: list[Json], unlisted: int) -> Json:
    return {
        "event": "monitored",
        "at": round(time.time(), 3),
        "request": seen.request,
        "generation": seen.shadow.snapshot.generation,
        "outcome": would,
        "findings": findings[:LISTED],
        "more_findings": max(0, len(findings) - LISTED) + unlisted,
    }
