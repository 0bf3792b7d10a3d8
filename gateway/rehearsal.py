"""A policy tried on texts without a server: what its filters make of a prompt, and of an answer.

Rule: the same scanner, guard and judge as serve, called one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from filters.answer_guard import AnswerGuard, TextKey
from filters.prompt import PromptReport, PromptScanner
from filters.segment import Segment
from filters.semantic import Levels, answer_findings
from filters.step import Step
from gateway.workers.source import Opened
from policy.policy import Policy
from policy.surface import Channel, Role

_CONTENT = TextKey(0, Channel.CONTENT)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    opened: Opened
    policy: Policy
    model: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def asked(self, messages: Sequence[tuple[Role, str]]) -> PromptReport:
        """A conversation of these messages, judged."""
        segments = [
            Segment(role, text, place, ("messages", place, "content"))
            for place, (role, text) in enumerate(messages)
        ]
        judge = self.opened.judge
        scanner = PromptScanner(self.opened.snapshot, self.policy, self.model, self.now, Levels.of(judge))
        report = scanner.scan(segments)
        if judge is None or not report.asks:
            return report
        return scanner.settle(report, judge.judge(list(report.asks)))

    def answered(self, report: PromptReport, text: str) -> tuple[str, AnswerGuard]:
        """What of the answer goes out, and the guard that knows why."""
        guard = AnswerGuard(self.opened.snapshot, self.policy, report, model=self.model)
        sent = "".join(
            self._settled(guard, step) for step in (guard.feed(_CONTENT, text), guard.finish(_CONTENT))
        )
        return sent, guard

    def _settled(self, guard: AnswerGuard, step: Step) -> str:
        sent, judge = step.text, self.opened.judge
        levels = Levels.of(judge)
        for ask in step.asks:
            assert judge is not None
            assert levels is not None
            hits = judge.judge([ask.text])[0]
            found = answer_findings(self.opened.snapshot, ask, hits, levels)
            sent += self._settled(guard, guard.settle(_CONTENT, ask, found))
        return sent
