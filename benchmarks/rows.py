"""What is measured of each column, and how: each row is one kind of load.

Rule: the load is the same for every column but where a column would need minutes for it, and then it says so.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from benchmarks.bench import Bench, Pause, Place
from benchmarks.cases import EVENTS, Case
from benchmarks.columns import Kind

APART_S = 0.01


class Row(StrEnum):
    WHOLE = "whole"
    STREAMS = "streams"
    APART = "apart"
    FIRST = "first"
    FIRST_APART = "first-apart"


@dataclass(frozen=True, slots=True)
class Load:
    stream: bool
    connections: int
    pause: Pause = field(default_factory=Pause)


LOADS = {
    Row.WHOLE: Load(stream=False, connections=32),
    Row.STREAMS: Load(stream=True, connections=16),
    Row.APART: Load(stream=True, connections=16, pause=Pause(APART_S, EVENTS)),
    # The one pause keeps the core of the clients free while the first word is on its way. Whether a word has
    # ended only the next one tells: it comes with the first, or after the pause.
    Row.FIRST: Load(stream=True, connections=1, pause=Pause(APART_S, 1, after=3)),
    Row.FIRST_APART: Load(stream=True, connections=1, pause=Pause(APART_S, 1, after=2)),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What one round of one column gave."""

    answers_per_s: float
    cpu_us: float
    first_ms: tuple[float, ...]
    memory_mb: float


def connections(load: Load, kind: Kind, case: Case) -> int:
    """A long prompt is seconds of work for the encoder, whoever asks at the same time."""
    return min(2, load.connections) if kind is Kind.SEMANTIC and case.long else load.connections


def sample(bench: Bench, row: Row, kind: Kind, case: Case, seconds: float) -> Sample:
    load, place = LOADS[row], bench.place(kind, case)
    bodies = f"{'long' if case.long else 'short'}-{'stream' if load.stream else 'whole'}"
    bench.pause(load.pause)
    measured = bench.measure(place, bodies, connections(load, kind, case), seconds)
    result = measured.result
    return Sample(
        result.answers / result.seconds,
        measured.cpu_s / result.answers * 1e6,
        tuple(result.first_ms),
        measured.memory_mb,
    )


def warm_up(bench: Bench, place: Place) -> None:
    bench.pause(Pause())
    for bodies in ("short-whole", "short-stream"):
        bench.measure(place, bodies, 8, 0.2)
