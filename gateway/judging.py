"""The embedding index is slow and serves one caller at a time: one thread asks it for all requests together.

Rule: an answer that does not come in time is an error, and an error ends the client's answer closed.
"""

import asyncio
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from index.similarity import Hit, Judge

BATCH = 64

Hits = list[tuple[Hit, ...]]


class JudgeTimeout(TimeoutError):
    pass


@dataclass(frozen=True, slots=True)
class _Asked:
    texts: tuple[str, ...]
    answer: "Future[Hits]"


class Judging:
    """Texts of requests that wait at the same time are judged as one batch."""

    def __init__(self, judge: Judge, timeout_s: float) -> None:
        self._judge, self._timeout_s = judge, timeout_s
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="judge", daemon=True)
        self._thread.start()

    async def ask(self, texts: Sequence[str]) -> Hits:
        """However long it takes."""
        asked = _Asked(tuple(texts), Future())
        self._asked.put(asked)
        return await asyncio.wrap_future(asked.answer)

    async def __call__(self, texts: Sequence[str]) -> Hits:
        if not texts:
            return []
        try:
            return await asyncio.wait_for(self.ask(texts), self._timeout_s)
        except TimeoutError:
            raise JudgeTimeout(f"the embedding index did not answer within {self._timeout_s:g} s") from None

    def close(self) -> None:
        self._asked.put(None)

    def _run(self) -> None:
        while (first := self._asked.get()) is not None:
            batch, ended = self._gather(first)
            self._answer(batch)
            if ended:
                return

    def _gather(self, first: _Asked) -> tuple[list[_Asked], bool]:
        batch, size = [first], len(first.texts)
        while size < BATCH:
            try:
                asked = self._asked.get_nowait()
            except queue.Empty:
                break
            if asked is None:
                return batch, True
            batch.append(asked)
            size += len(asked.texts)
        return batch, False

    def _answer(self, batch: list[_Asked]) -> None:
        # Whoever gave up waiting is not judged for; the rest, marked as running, cannot give up now.
        batch = [asked for asked in batch if asked.answer.set_running_or_notify_cancel()]
        texts = [text for asked in batch for text in asked.texts]
        if not texts:
            return
        try:
            hits = self._judge.judge(texts)
            if len(hits) != len(texts):
                raise RuntimeError("the judge must answer every text")
        except Exception as error:  # whatever broke, every waiter must learn of it
            for asked in batch:
                asked.answer.set_exception(error)
            return
        start = 0
        for asked in batch:
            asked.answer.set_result(hits[start : start + len(asked.texts)])
            start += len(asked.texts)
