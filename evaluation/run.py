"""Runs an evaluation: every try at most once, so many at a time, until all are done or the time is up.

The rule: a try is recorded before the next one of its place begins; whatever ends the run loses only tries
that were under way.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from evaluation.attack import Trial
from evaluation.reply import Reply
from evaluation.run_client import Client, check
from evaluation.run_journal import Journal
from evaluation.run_judge import Judge
from evaluation.run_plan import Plan
from evaluation.run_row import Arm, Ends, Keep, Outcome, Row
from evaluation.target import EndpointPart, Target

Progress = Callable[[int, int], None]
Work = tuple[Row, Arm, int]


async def run(
    target: Target, plan: Plan, journal: Journal, progress: Progress, answers: Path | None = None
) -> None:
    """Try what the journal does not have yet. `answers` gets every answer, forgotten facts included."""
    order = plan.order()
    left = [work for work in order if not journal.done(work[0].name, work[1], work[2])]
    ends_at = None if target.minutes is None else time.monotonic() + 60 * target.minutes
    done = len(order) - len(left)
    progress(done, len(order))
    async with AsyncExitStack() as stack:
        ends = await _ends(target, stack, answers)
        await check(ends.without)
        await check(ends.behind)
        work = _until(left, ends_at)

        async def worker() -> None:
            nonlocal done
            for row, arm, number in work:
                if (outcome := await _played(row, arm, number, ends)) is not None:
                    journal.add(outcome)
                done += 1
                progress(done, len(order))

        async with asyncio.TaskGroup() as group:
            for _ in range(target.concurrency):
                group.create_task(worker())


def _until(left: Sequence[Work], ends_at: float | None) -> Iterator[Work]:
    """What is left, as long as there is time."""
    for work in left:
        if ends_at is not None and time.monotonic() >= ends_at:
            return
        yield work


async def _played(row: Row, arm: Arm, number: int, ends: Ends) -> Outcome | None:
    """A reply that an attack cannot read fails that one try, not the run."""
    try:
        return await row.play(arm, number, ends)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        failure = f"attack: {type(error).__name__}"
        return Outcome(row.name, arm, number, number, 0, "", None, failure)


async def _ends(target: Target, stack: AsyncExitStack, answers: Path | None) -> Ends:
    mark = secrets.token_hex(
        4
    )  # a session that an earlier run left behind at the gateway is not gone on with

    async def entered(endpoint: EndpointPart) -> Client:
        return await stack.enter_async_context(Client(endpoint, target, mark))

    judge = target.leak.judge
    model = None if judge is None else await entered(judge)
    ends = (await entered(target.without), await entered(target.behind), Judge(target.leak, model))
    return Ends(*ends) if answers is None else Ends(*ends, _keeper(answers))


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
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")

    return keep
