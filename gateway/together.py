"""What is slow and serves one caller at a time: one thread asks it for all requests together."""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

BATCH = 64

Asked = TypeVar("Asked")
Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Asked, Said]):
    asked: tuple[Asked, ...]
    answer: "Future[list[Said]]"


class Together(Generic[Asked, Said]):
    """What requests that wait at the same time ask is asked as one batch. `left` ends who is asked."""

    def __init__(
        self,
        name: str,
        ask: Callable[[Sequence[Asked]], Sequence[Said]],
        left: Callable[[], None] = lambda: None,
    ) -> None:
        self._ask, self._left = ask, left
        self._waiting: queue.SimpleQueue[_Waiting[Asked, Said] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def ask(self, asked: Sequence[Asked]) -> list[Said]:
        """However long it takes."""
        waiting: _Waiting[Asked, Said] = _Waiting(tuple(asked), Future())
        self._waiting.put(waiting)
        return await asyncio.wrap_future(waiting.answer)

    def close(self) -> None:
        self._waiting.put(None)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            self._answer(self._gather(first))
        self._left()

    def _gather(self, first: _Waiting[Asked, Said]) -> list[_Waiting[Asked, Said]]:
        """Those who ask least, because a long prompt takes seconds and a short one should not wait for it."""
        everybody, rest = [first], list[None]()
        with suppress(queue.Empty):
            while not rest:
                waiting = self._waiting.get_nowait()
                if waiting is None:
                    rest.append(waiting)
                else:
                    everybody.append(waiting)
        everybody.sort(key=lambda waiting: len(waiting.asked))
        batch, size = list[_Waiting[Asked, Said]](), 0
        while everybody and size < BATCH:
            batch.append(everybody.pop(0))
            size += len(batch[-1].asked)
        for left in (*everybody, *rest):
            self._waiting.put(left)
        return batch

    def _answer(self, batch: list[_Waiting[Asked, Said]]) -> None:
        # Whoever gave up waiting is not asked for; the rest, marked as running, cannot give up now.
        batch = [waiting for waiting in batch if waiting.answer.set_running_or_notify_cancel()]
        everything = [one for waiting in batch for one in waiting.asked]
        if not batch:
            return
        try:
            said = list(self._ask(everything)) if everything else []
            if len(said) != len(everything):
                raise RuntimeError("every question must be answered")
        except Exception as error:  # whatever broke, every waiter must learn of it
            for waiting in batch:
                waiting.answer.set_exception(error)
            return
        start = 0
        for waiting in batch:
            waiting.answer.set_result(said[start : start + len(waiting.asked)])
            start += len(waiting.asked)
