"""What would be done about a request, were the entries enforced that are only monitored: found and told.

Rules: a request is looked through when its answer is over, against a snapshot of its own, so that neither the
answer nor its moments show what is monitored. What is too much at a time is not looked through, and counted.
Texts are held until then, in memory, and no longer.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from filters.answer_guard import AnswerGuard, Taken, TextKey
from filters.report import PromptReport
from filters.scan import Ask
from filters.step import Step
from gateway.answer import CHANGES, Answer
from gateway.audit.log import AuditLog
from gateway.errors import ApiError, Json
from gateway.metrics import Metrics
from gateway.place import place
from gateway.prompt import Body, Scanned, bare
from gateway.trace import LISTED, in_answer, in_prompt
from gateway.wire.answer import Slot
from policy.entry import Called
from policy.finding import Finding

if TYPE_CHECKING:
    from gateway.protection import Protection

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

    @staticmethod
    def of(texts: Iterable[tuple[TextKey, str]]) -> "Said":
        said = Said()
        for key, text in texts:
            said.add(key, text)
        return said

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


@dataclass(slots=True)
class Known:
    """What is known of a prompt whose answer comes in another request, once it was looked through."""

    report: PromptReport | None = None
    machine_read: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that is over. `called`: who asked for what. Without a `body` it is an answer alone.

    `known`: what its prompt, or that of its answer, is about.
    """

    request: str
    shadow: "Protection"
    called: Called
    body: Body | None
    heard: Said
    known: Known = field(default_factory=Known)

    @property
    def size(self) -> int:
        return (len(self.body.raw) if self.body is not None else 0) + 4 * self.heard.size


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
        scanned = await _prompt(seen)
        answer = await _answer(seen, scanned)
        findings = (in_prompt(scanned.report) if scanned is not None else []) + in_answer(answer.findings)
        would, unlisted = _would(scanned, answer), scanned.unlisted if scanned is not None else 0
        self._metrics.monitored_requests(would).inc()
        for one in findings:
            self._metrics.monitored_findings(one["surface"], one["action"], one["detector"]).inc()
        if findings:
            self._audit.note(_record(seen, would, findings, unlisted + answer.unlisted))


async def _prompt(seen: Seen) -> Scanned | None:
    """The prompt, as if what is monitored were enforced."""
    shadow, called = seen.shadow, seen.called
    if seen.body is None:
        return None
    prompt = await shadow.read(seen.body)
    scanned = await prompt.scan(shadow.scan(called))
    if scanned.must_ask:
        report = scanned.report
        judge = shadow.judge_for(called)
        scanned = await prompt.settle(await judge(report.asks, report.shares, report.in_force))
    seen.known.report, seen.known.machine_read = bare(scanned.report), prompt.request.machine_read
    return scanned


async def _answer(seen: Seen, scanned: Scanned | None) -> Answer:
    """What was said to it, likewise."""
    shadow, called = seen.shadow, seen.called
    report = scanned.report if scanned is not None else seen.known.report
    report = report or shadow.reader.nothing(shadow.scan(called))
    guard = shadow.guard(report, called, seen.known.machine_read)
    slots = seen.heard.slots
    choices = {slot.key.choice for slot in slots}
    answer = Answer(guard, shadow.judge_of(guard, called), len(choices))
    for slot in slots:
        await answer.say(slot)
    for choice in choices:
        await answer.flush(choice)
    return answer


def _would(scanned: Scanned | None, answer: Answer) -> Would:
    if scanned is not None and scanned.body is None:
        return Would.REFUSED
    if answer.withheld:
        return Would.WITHHELD
    if scanned is None:
        return Would.PASSED
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
