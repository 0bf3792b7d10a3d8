"""One answer: every choice, every channel, every part of it has a text guard. (Stub: the API.)"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from filters.prompt import PromptReport
from filters.scan import Ask
from filters.step import Step
from policy.finding import Finding
from policy.policy import Policy
from policy.surface import Channel
from policy.verdict import Verdict

if TYPE_CHECKING:
    from index.snapshot import Snapshot

PLAIN_PART = 10_000


@dataclass(frozen=True, slots=True)
class TextKey:
    """`part` is the tool call's index; from PLAIN_PART on, arguments are plain strings and not JSON text."""

    choice: int
    channel: Channel
    part: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What was done about one finding in an answer, for the audit."""

    key: TextKey
    finding: Finding
    verdict: Verdict


class AnswerGuard:
    def __init__(
        self,
        snapshot: "Snapshot",
        policy: Policy,
        prompt: PromptReport,
        *,
        model: str,
        now: datetime,
        machine_read: bool = False,
    ) -> None:
        raise NotImplementedError

    @property
    def findings(self) -> tuple[Taken, ...]:
        raise NotImplementedError

    def feed(self, key: TextKey, text: str) -> Step:
        raise NotImplementedError

    def settle(self, key: TextKey, ask: Ask, findings: Sequence[Finding]) -> Step:
        raise NotImplementedError

    def finish(self, key: TextKey) -> Step:
        """Flush one text; call it for every key of `keys(choice)`, in that order, when the choice ends."""
        raise NotImplementedError

    def keys(self, choice: int) -> tuple[TextKey, ...]:
        """The texts of a choice that are not finished yet, in the order in which they must be flushed."""
        raise NotImplementedError

    def sent(self, key: TextKey) -> str:
        """Everything released of one text so far."""
        raise NotImplementedError

    def stopped(self, choice: int) -> bool:
        raise NotImplementedError
