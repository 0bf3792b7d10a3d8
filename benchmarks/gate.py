"""What a gateway does with a prompt and with the answer to it, without the network."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filters.answer_guard import AnswerGuard, TextKey
from filters.prompt import PromptReport, PromptScanner
from filters.segment import Segment
from filters.semantic import Levels, answer_findings
from filters.step import Step
from index.build import build
from index.encoder import Encoder
from index.judge import FaissJudge, load_judge
from index.snapshot import Snapshot
from policy.action import Action
from policy.policy import Policy
from policy.surface import Channel, Role

KEY = b"a key for measurements, 32 bytes"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONTENT = TextKey(0, Channel.CONTENT)


@dataclass(frozen=True, slots=True)
class Exchange:
    question: str
    answer: str


class Gate:
    def __init__(self, policy: Policy, encoder: Encoder, *, semantic: bool = True) -> None:
        folder = Path(tempfile.mkdtemp())
        build(policy, folder, KEY, encoder)
        self.snapshot = Snapshot.load(folder, KEY)
        self.policy = policy
        self.judge: FaissJudge | None = load_judge(self.snapshot, encoder, KEY) if semantic else None
        self.levels = Levels.of(self.judge)
        self._scanner = PromptScanner(self.snapshot, policy, "model", NOW, self.levels)

    def ask(self, text: str) -> PromptReport:
        report = self._scanner.scan([Segment(Role.USER, text, 0, ("messages", 0, "content"))])
        return self._scanner.settle(report, self.judge.judge(report.asks)) if self.judge else report

    def refuses(self, text: str) -> bool:
        return self.ask(text).action is Action.REFUSE

    def alters(self, exchange: Exchange) -> bool:
        """Whether the prompt is refused, or else its answer is not what the model said."""
        report = self.ask(exchange.question)
        if report.action is Action.REFUSE:
            return True
        guard = AnswerGuard(self.snapshot, self.policy, report, model="model")
        steps = [guard.feed(CONTENT, exchange.answer), guard.finish(CONTENT)]
        return "".join(text for step in steps for text in self._settled(guard, step)) != exchange.answer

    def _settled(self, guard: AnswerGuard, step: Step) -> Iterator[str]:
        yield step.text
        for ask in step.asks:
            hits = self.judge.judge([ask.text])[0] if self.judge else ()
            found = answer_findings(self.snapshot, ask, hits, self.levels) if self.levels else ()
            yield from self._settled(guard, guard.settle(CONTENT, ask, found))
