"""From samples to figures: the median of the rounds and where 80 % of them lie.

Rule: columns are compared within a round, because they were measured one right after the other; the machine
may be another one a minute later.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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

    title: str
    row: Row | None
    value: Value
    less: Kind | None = None
    over: Kind | None = None
    digits: int = 1


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


WHOLE = Metric("whole requests a second", Row.WHOLE, rate, digits=0)
WHOLE_SHARE = Metric("… over the pass-through's", Row.WHOLE, rate, over=Kind.PASSTHROUGH, digits=2)
STREAMS = Metric("streams of 200 events a second", Row.STREAMS, rate, digits=1)
STREAMS_SHARE = Metric("… over the pass-through's", Row.STREAMS, rate, over=Kind.PASSTHROUGH, digits=2)
EVENT = Metric("µs of processor time an event", Row.STREAMS, per_event)
FIRST_ADDED = Metric("… beyond the upstream's", Row.FIRST, first, less=Kind.UPSTREAM, digits=2)
METRICS = (
    WHOLE,
    WHOLE_SHARE,
    Metric("µs of processor time a request", Row.WHOLE, per_answer, digits=0),
    STREAMS,
    STREAMS_SHARE,
    EVENT,
    Metric("… beyond the pass-through's", Row.STREAMS, per_event, less=Kind.PASSTHROUGH),
    Metric("µs an event, events 10 ms apart", Row.APART, per_event),
    Metric("… beyond the pass-through's", Row.APART, per_event, less=Kind.PASSTHROUGH),
    Metric("ms to the first word", Row.FIRST, first, digits=2),
    FIRST_ADDED,
    Metric("ms to the first word, the next 10 ms later", Row.FIRST_APART, first, digits=2),
    Metric("… beyond the upstream's", Row.FIRST_APART, first, less=Kind.UPSTREAM, digits=2),
    Metric("MB of memory", None, memory, digits=0),
)
