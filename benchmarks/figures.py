"""From samples to figures: the median of the rounds and where 80 % of them lie.

Rule: columns are compared within a round, because they were measured one right after the other; the machine
may be another one a minute later.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from operator import sub, truediv

from benchmarks.cases import EVENTS, Case
from benchmarks.columns import Kind
from benchmarks.rows import Row, Sample

Value = Callable[[Sample], float]


@dataclass(frozen=True, slots=True)
class Figure:
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figure":
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        tenths = statistics.quantiles(values, n=10, method="inclusive")
        return cls(statistics.median(values), tenths[0], tenths[-1])


@dataclass(frozen=True, slots=True)
class Metric:
    """`less` and `over`: the column that it is compared with, by difference or by quotient."""

    name: str
    row: Row | None
    value: Value
    less: Kind | None = None
    over: Kind | None = None
    digits: int = 1

    @property
    def title(self) -> str:
        """As it stands in a table, below what it is compared from."""
        other = self.less or self.over
        return self.name if other is None else f"… {'beyond' if self.less else 'over'} {WHOSE[other]}"


WHOSE = {
    Kind.PASSTHROUGH: "the pass-through's",
    Kind.UPSTREAM: "the upstream's",
    Kind.LITELLM: "LiteLLM's",
}


@dataclass(slots=True)
class Samples:
    """By case, row and column, in the order of the rounds."""

    taken: dict[tuple[Case, Row, Kind], list[Sample]] = field(default_factory=dict)

    def add(self, case: Case, row: Row, kind: Kind, sample: Sample) -> None:
        self.taken.setdefault((case, row, kind), []).append(sample)

    def figure(self, metric: Metric, case: Case, kind: Kind) -> Figure | None:
        if metric.row is None:
            values = [metric.value(one) for row in Row for one in self._of(case, row, kind)]
            return Figure.of([max(values)]) if values else None
        values = [metric.value(one) for one in self._of(case, metric.row, kind)]
        other = metric.less or metric.over
        if other is not None:
            compared = [metric.value(one) for one in self._of(case, metric.row, other)]
            values = [] if kind in (other, Kind.UPSTREAM) else _by_round(metric, values, compared)
        return Figure.of(values) if values else None

    def _of(self, case: Case, row: Row, kind: Kind) -> list[Sample]:
        return self.taken.get((case, row, kind), [])


def _by_round(metric: Metric, values: Sequence[float], compared: Sequence[float]) -> list[float]:
    how: Callable[[float, float], float] = sub if metric.less is not None else truediv
    return [how(value, other) for value, other in zip(values, compared, strict=False)]


def rate(sample: Sample) -> float:
    return sample.answers_per_s


def per_answer(sample: Sample) -> float:
    return sample.cpu_us


def per_event(sample: Sample) -> float:
    return sample.cpu_us / EVENTS


def first(sample: Sample) -> float:
    return statistics.median(sample.first_ms)


def memory(sample: Sample) -> float:
    return sample.memory_mb


BRIEF = Metric("whole requests a second, 20-word answers", Row.BRIEF, rate, digits=0)
WHOLE = Metric("whole requests a second, 197-word answers", Row.WHOLE, rate, digits=0)
STREAMS = Metric("streams of 200 events a second", Row.STREAMS, rate)
EVENT = Metric("µs of processor time an event", Row.STREAMS, per_event)
APART = Metric("µs of processor time an event, 10 ms apart", Row.APART, per_event)
FIRST = Metric("ms to the first word", Row.FIRST, first, digits=2)
FIRST_APART = Metric("ms to the first word, the next 10 ms later", Row.FIRST_APART, first, digits=2)


def share(metric: Metric) -> Metric:
    return replace(metric, over=Kind.PASSTHROUGH, digits=2)


def added(metric: Metric, beyond: Kind = Kind.PASSTHROUGH) -> Metric:
    return replace(metric, less=beyond)


METRICS = (
    BRIEF,
    share(BRIEF),
    Metric("µs of processor time a request, 20-word answers", Row.BRIEF, per_answer, digits=0),
    WHOLE,
    share(WHOLE),
    Metric("µs of processor time a request, 197-word answers", Row.WHOLE, per_answer, digits=0),
    STREAMS,
    share(STREAMS),
    EVENT,
    added(EVENT),
    APART,
    added(APART),
    FIRST,
    added(FIRST, Kind.UPSTREAM),
    FIRST_APART,
    added(FIRST_APART, Kind.UPSTREAM),
    Metric("MB of memory", None, memory, digits=0),
)
