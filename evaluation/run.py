"""Runs an evaluation: every try at most once, so many at a time, until all are done or the time is up.

The rule: a try is recorded before the next one of its place begins; whatever ends the run loses only tries
that were under way.
"""

import asyncio
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.attack import Trial
from evaluation.reply import Reply
from evaluation.run_audit import AuditLog
from evaluation.run_client import Client, check
from evaluation.run_journal import Journal
from evaluation.run_judge import Judge
from evaluation.run_plan import Plan, Try
from evaluation.run_row import Ends, Keep, Outcome
from evaluation.target import EndpointPart, Target

Progress = Callable[[int, int], None]


async def run(
    target: Target, plan: Plan, journal: Journal, progress: Progress, answers: Path | None = None
) -> None:
    """Try what the journal does not have yet. `answers` gets every answer, forgotten facts included."""
    ends_at = None if target.minutes is None else time.monotonic() + 60 * target.minutes
    async with AsyncExitStack() as stack:
        ends = await _ends(target, stack, answers)
        await check(ends.without)
        await check(ends.behind)
        crew = Crew(ends, journal, progress, ends_at, target.concurrency)
        await crew.play(first := plan.order(), 0)
        await crew.play(plan.further(journal.outcomes.values(), max(target.k)), len(first))


@dataclass(frozen=True, slots=True)
class Crew:
    """Plays tries, so many at a time, until the time is up."""

    ends: Ends
    journal: Journal
    progress: Progress
    ends_at: float | None
    size: int

    async def play(self, tries: Sequence[Try], before: int) -> None:
        """`before`: so many tries are shown as done already."""
        left = [one for one in tries if not self.journal.done(one.row.name, one.arm, one.number, one.sample)]
        total = before + len(tries)
        self.progress(total - len(left), total)
        work = enumerate(self._until(left), start=total - len(left) + 1)

        async def worker() -> None:
            for count, one in work:
                if (outcome := await self._played(one)) is not None:
                    self.journal.add(outcome)
                self.progress(count, total)

        async with asyncio.TaskGroup() as group:
            for _ in range(self.size):
                group.create_task(worker())

    def _until(self, left: Sequence[Try]) -> Iterator[Try]:
        """What is left, as long as there is time."""
        for one in left:
            if self.ends_at is not None and time.monotonic() >= self.ends_at:
                return
            yield one

    async def _played(self, one: Try) -> Outcome | None:
        """A reply that an attack cannot read fails that one try, not the run."""
        try:
            return await one.row.play(one.arm, one.number, self.ends, one.sample)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            failure = f"attack: {type(error).__name__}"
            row, number = one.row.name, one.number
            return Outcome(row, one.arm, number, number, 0, "", None, failure, sample=one.sample)


async def _ends(target: Target, stack: AsyncExitStack, answers: Path | None) -> Ends:
    mark = secrets.token_hex(
        4
    )  # a session that an earlier run left behind at the gateway is not gone on with

    async def entered(endpoint: EndpointPart) -> Client:
        return await stack.enter_async_context(Client(endpoint, target, mark))

    judge = target.leak.judge
    model = None if judge is None else await entered(judge)
    ends = Ends(await entered(target.without), await entered(target.behind), Judge(target.leak, model))
    log = target.behind.audit
    audit = None if log is None else AuditLog(log)
    return replace(ends, audit=audit, keep=ends.keep if answers is None else _keeper(answers))


def _keeper(path: Path) -> Keep:
    """Writes what was sent and answered, each with what became of it."""

    def keep(outcome: Outcome, trial: Trial, replies: Sequence[Reply]) -> None:
        sent = [trial.request(replies[:at]) for at in range(len(replies))]
        record = {
            "row": outcome.row,
            "arm": outcome.arm,
            "found": outcome.found,
            "failure": outcome.failure,
            "question": trial.question.text,
            "requests": [{"messages": one.messages, "options": one.options} for one in sent],
            "replies": [{"status": one.status, "texts": one.texts} for one in replies],
        }
        # Its owner's alone: what leaked stands in it.
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")

    return keep
