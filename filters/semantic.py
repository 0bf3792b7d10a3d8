"""What the judge says becomes findings here, with the calibrated threshold and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filters.scan import Ask
from index.similarity import Hit, Judge, Line
from policy.finding import Detector, Finding, Span

if TYPE_CHECKING:
    from index.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Levels:
    """At `threshold` a hit counts; from `grey` on, an answer's sentences are worth judging."""

    threshold: float
    grey: float
    lines: tuple[Line, ...] = ()

    @staticmethod
    def of(judge: Judge | None) -> "Levels | None":
        return Levels(judge.threshold, judge.grey, tuple(judge.lines)) if judge is not None else None

    def grey_at(self, share: float) -> float:
        """As far below the threshold as for a lone text: or long prompts would always be near something."""
        return self.grey + (self.at(share) - self.threshold)

    def at(self, share: float) -> float:
        """The threshold of a text with this share of the rate of false alarms."""
        return max([self.threshold, *(line.at(share) for line in self.lines)])

    def doubtful(self, hit: Hit, share: float = 1.0) -> bool:
        """Whether it is grey: near, and not near enough to count."""
        return self.grey_at(share) <= hit.score < self.at(share)

    def counting(self, hit: Hit, share: float = 1.0) -> Detector | None:
        """By what it counts, if it does."""
        if hit.score >= self.at(share):
            return Detector.SEMANTIC
        return Detector.JUDGE if hit.confirmed else None


def semantic_findings(
    snapshot: "Snapshot", span: Span, hits: Sequence[Hit], levels: Levels
) -> tuple[Finding, ...]:
    """The hits that count, as findings over the span that was judged."""
    return tuple(
        Finding(snapshot.entries[hit.entry].id, detector, span, hit.score)
        for hit in hits
        if (detector := levels.counting(hit)) is not None
    )


def answer_findings(
    snapshot: "Snapshot", ask: Ask, hits: Sequence[Hit], levels: Levels
) -> tuple[Finding, ...]:
    """What to settle an answer's ask with."""
    return semantic_findings(snapshot, ask.span, hits, levels)
