"""The only await in all of filtering: a step's questions go to the embedding index until none is left."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from filters.answer_guard import Taken, TextKey
from filters.scan import Ask
from filters.step import Step
from policy.finding import Finding


class Guard(Protocol):
    """What the gateway wants of the filters for one answer; `filters.answer_guard.AnswerGuard` is it."""

    def passes(self, key: TextKey, text: str) -> bool: ...

    def feed(self, key: TextKey, text: str) -> Step: ...

    def settle(self, key: TextKey, ask: Ask, findings: Sequence[Finding]) -> Step: ...

    def finish(self, key: TextKey) -> Step: ...

    def keys(self, choice: int) -> tuple[TextKey, ...]: ...

    @property
    def findings(self) -> tuple[Taken, ...]: ...

    @property
    def unlisted(self) -> int: ...

    @property
    def near(self) -> int: ...


Judged = Callable[[Sequence[Ask]], Awaitable[Sequence[Sequence[Finding]]]]


async def settle(guard: Guard, key: TextKey, step: Step, judge: Judged) -> Step:
    """A step without questions: its text is then all that may go out."""
    text, asks, stop = step.text, step.asks, step.stop
    while asks and not stop:
        found = await judge(asks)
        more: list[Ask] = []
        for ask, findings in zip(asks, found, strict=True):
            step = guard.settle(key, ask, findings)
            text, stop = text + step.text, step.stop
            more += step.asks
            if stop:
                break
        asks = tuple(more)
    return Step(text, (), stop)
