"""One check: the scan of a prompt, and the guard over texts as an answer would say them.

Rule: it goes the way of a request that is answered, with the key's budget of near-hits, the session and the
record; only that no model is asked.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from filters.answer_guard import TextKey
from filters.prompt import PromptReport
from gateway.answer import Answer
from gateway.endpoint import Asked
from gateway.limits.near_hits import NearHits
from gateway.memory.past import Past
from gateway.monitoring import Known, Said, Seen
from gateway.prompt import Body, Prompt, Scan, Scanned, checked
from gateway.protection import Protection
from gateway.wire.answer import Slot
from policy.entry import Called


@dataclass(frozen=True, slots=True)
class Guarded:
    """What may be said of each text. `sure` may be, whatever follows; `whole` once nothing does.

    `stopped`: nothing that follows may be said.
    """

    sure: dict[TextKey, str]
    whole: dict[TextKey, str]
    stopped: bool


class Checking:
    """`model` is who is asked, by all its names (any, until it is said). It keeps its policy."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._trace = asked.record.trace
        self.model = Called(None, self._trace.key)
        self.protection: Protection = asked.services.protection
        self._seen: Seen | None = None
        self._trace.policy = self.protection.digest
        self._trace.generation = self.protection.snapshot.generation

    def scan(self) -> Scan:
        return self.protection.scan(self.model, self._asked.near.are_hits)

    async def prompt(self, prompt: Prompt, past: Past | None) -> Scanned:
        trace, near = self._trace, self._asked.near
        before = trace.elapsed()
        judge = self.protection.judge_for(self.model, trace.parent)
        recall = past.recall if past is not None else None
        scanned = await checked(prompt, self.scan(), near, judge, recall)
        trace.prompt_s = trace.elapsed() - before
        trace.report, trace.unlisted = scanned.report, scanned.unlisted
        trace.near_is_hit = near.are_hits
        if past is not None:
            past.keep(scanned.kept, self._asked.record)
        return scanned

    def watch(self, body: Body | None, heard: Said | None = None, known: Known | None = None) -> None:
        """What is to be looked through: the model is known now."""
        shadow = self.protection.shadow
        if shadow is not None:
            given = self._trace.request, shadow, self.model, body, heard or Said(), known or Known()
            self._seen = Seen(*given)

    @contextmanager
    def monitored(self) -> Iterator[None]:
        """Around the whole request: what would have been done is told when all is over."""
        try:
            yield
        finally:
            if self._seen is not None:
                self._asked.services.monitoring.look(self._seen)

    async def answer(
        self, slots: Sequence[Slot], report: PromptReport, near: NearHits, *, machine_read: bool = False
    ) -> Guarded:
        """All of one choice, in the order of its slots."""
        self._trace.near_is_hit = near.are_hits
        guard = self.protection.guard(report, self.model, machine_read, near.are_hits)
        judge = self.protection.judge_of(guard, self.model, self._trace.parent)
        self._trace.answer = answer = Answer(guard, judge, 1, near.in_answer)
        sure = {slot.key: await answer.say(slot) for slot in slots}
        whole = dict(sure)
        for key, text in await answer.flush(0):
            whole[key] += text
        return Guarded(sure, whole, answer.stopped(0) is not None)
