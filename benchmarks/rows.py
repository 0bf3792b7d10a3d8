"""What is measured of each column, and how: each row is one kind of load.

Rule: the load is the same for every column but where a column would need minutes for it, and then it says so.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from benchmarks.bench import Answers, Bench, Place
from benchmarks.cases import EVENTS, Case
from benchmarks.columns import Kind
from benchmarks.process import Failed
from benchmarks.texts import FIRST

APART_S = 0.01


class Row(StrEnum):
    WHOLE = "whole"
    BRIEF = "brief"
    STREAMS = "streams"
    APART = "apart"
    FIRST = "first"
    FIRST_APART = "first-apart"


@dataclass(frozen=True, slots=True)
class Load:
    stream: bool
    connections: int
    answers: Answers = field(default_factory=Answers)


LOADS = {
    Row.WHOLE: Load(stream=False, connections=32),
    Row.BRIEF: Load(stream=False, connections=32, answers=Answers("brief")),
    Row.STREAMS: Load(stream=True, connections=16),
    Row.APART: Load(stream=True, connections=16, answers=Answers(pause_s=APART_S, times=EVENTS)),
    # The one pause keeps the core of the clients free while the first word is on its way. Whether a word has
    # ended only the next one tells: it comes with the first, or after the pause.
    Row.FIRST: Load(stream=True, connections=1, answers=Answers(pause_s=APART_S, times=1, after=3)),
    Row.FIRST_APART: Load(stream=True, connections=1, answers=Answers(pause_s=APART_S, times=1, after=2)),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What one round of one column gave."""

    answers_per_s: float
    cpu_us: float
    first_ms: tuple[float, ...]
    memory_mb: float


def connections(load: Load, kind: Kind, case: Case) -> int:
    """The encoder needs a tenth of a second for a short prompt and a second for a long one, whoever waits."""
    if kind is not Kind.SEMANTIC:
        return load.connections
    return min(2 if case.long else 8, load.connections)


def sample(bench: Bench, row: Row, kind: Kind, case: Case, seconds: float) -> Sample:
    load, place = LOADS[row], bench.place(kind, case)
    bodies = f"{'long' if case.long else 'short'}-{'stream' if load.stream else 'whole'}"
    bench.answers(load.answers)
    measured = bench.measure(place, bodies, connections(load, kind, case), seconds)
    result = measured.result
    if result.withheld:
        raise Failed(f"{place.process.name}, {bodies}: {result.withheld} answers without {FIRST!r}")
    return Sample(
        result.answers / result.seconds,
        measured.cpu_s / result.answers * 1e6,
        tuple(result.first_ms),
        measured.memory_mb,
    )


def warm_up(bench: Bench, place: Place) -> None:
    bench.answers(Answers())
    for bodies in ("short-whole", "short-stream"):
        bench.measure(place, bodies, 8, 0.2)
