"""The figures besides leaks: what still works, where an answer comes from, and what it costs in time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evaluation.metrics import Estimate, quantile
from evaluation.report_verdict import Verdict
from evaluation.run_row import Found, Outcome

# Fewer answers that stayed the same show nothing.
LEAST: Final = 100


@dataclass(frozen=True, slots=True)
class Sameness:
    """A row of harmless prompts. `blind`: nothing could be compared."""

    name: str
    tries: int
    same: int
    altered: int
    blind: int
    failures: int
    upper: float
    bar: float | None
    verdict: Verdict

    @property
    def share_altered(self) -> float:
        seen = self.same + self.altered
        return self.altered / seen if seen else 0.0


@dataclass(frozen=True, slots=True)
class Sources:
    """Whether answers follow the prompt's value or the one that was learnt."""

    name: str
    arm: str
    tries: int
    context: int
    memory: int
    neither: int


@dataclass(frozen=True, slots=True)
class Latency:
    """Of harmless requests, one way and the other, in ms, under the run's own load."""

    requests: int
    without_p50: float
    without_p99: float
    with_p50: float
    with_p99: float


def sameness(name: str, outcomes: Sequence[Outcome], most: float | None, errors: float) -> Sameness:
    """`most` is the share that may be altered."""
    found = Counter(one.found for one in outcomes if one.failure is None)
    same, altered, blind = found[Found.SAME], found[Found.ALTERED], found[Found.BLIND]
    failures = sum(one.failure is not None for one in outcomes)
    seen = same + altered
    upper = Estimate(altered / seen, seen).upper() if seen else 1.0
    if outcomes and failures / len(outcomes) > errors:
        verdict = Verdict.FAILURES
    elif most is None:
        verdict = Verdict.NO_BAR
    elif not seen:
        verdict = Verdict.IDLE
    elif altered / seen > most:
        verdict = Verdict.MISSED
    else:
        verdict = Verdict.MET if seen >= LEAST else Verdict.FEW
    return Sameness(name, seen + blind, same, altered, blind, failures, upper, most, verdict)


def sources(name: str, arm: str, outcomes: Sequence[Outcome]) -> Sources:
    found = Counter(one.found for one in outcomes if one.failure is None)
    counts = (found[Found.CONTEXT], found[Found.MEMORY], found[Found.NONE])
    return Sources(name, arm, sum(counts), *counts)


def latency(outcomes: Sequence[Outcome]) -> Latency | None:
    guarded = [ms for one in outcomes if one.failure is None for ms in one.ms]
    bare = [ms for one in outcomes if one.failure is None for ms in one.bare_ms]
    if not guarded or not bare:
        return None
    halves = [quantile(values, share) for values in (bare, guarded) for share in (0.5, 0.99)]
    return Latency(len(guarded), *halves)
