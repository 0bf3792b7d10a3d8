"""Every message of every role is scanned, alone and joined with its neighbours. (Stub: the API.)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from filters.evidence import Evidence
from filters.semantic import Levels
from policy.action import Action
from policy.finding import Finding
from policy.policy import Policy
from policy.surface import Role
from policy.verdict import Verdict

from index.similarity import Hit

if TYPE_CHECKING:
    from index.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Segment:
    """One string of a request, and where it stands in the body."""

    role: Role
    text: str
    message: int
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding in a prompt; its span counts from the start of `segments[segment].text`."""

    segment: int
    finding: Finding
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class PromptReport:
    segments: tuple[Segment, ...]
    findings: tuple[Found, ...]
    evidence: tuple[Evidence, ...]
    action: Action
    active: frozenset[int]
    asks: tuple[str, ...]
    tail: str
    seen: Mapping[int, frozenset[Role]]

    def in_context(self, key: int) -> frozenset[Role]:
        raise NotImplementedError

    def redacted(self) -> list[tuple[Segment, str]]:
        raise NotImplementedError


class PromptScanner:
    """`levels` is `Levels.of(judge)` where there is a judge; without it a report has no asks."""

    def __init__(
        self, snapshot: "Snapshot", policy: Policy, model: str, now: datetime, levels: Levels | None = None
    ) -> None:
        raise NotImplementedError

    def scan(self, segments: Sequence[Segment]) -> PromptReport:
        raise NotImplementedError

    def settle(self, report: PromptReport, hits: Sequence[tuple[Hit, ...]]) -> PromptReport:
        """`hits` are the judge's answers to `report.asks`, one for each, in their order."""
        raise NotImplementedError
