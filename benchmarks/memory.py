"""What a further worker costs in memory when a million windows are forgotten.

Rule: the workers have served before they are counted; pages that they share are counted once.
"""

from benchmarks.bars import Bar, Judged
from benchmarks.bench import Answers, Bench
from benchmarks.cases import Forgotten
from benchmarks.columns import Kind, Proxy
from benchmarks.figures import Figure

FEW, MORE = 1, 3
BAR = Bar("MB of memory for a further worker, 1,000,000 windows", most=60, digits=1)


def further_worker(bench: Bench) -> Judged:
    few, more = (_memory_mb(bench, workers) for workers in (FEW, MORE))
    each = (more - few) / (MORE - FEW)
    return Judged(BAR, Figure(each, each, each))


def _memory_mb(bench: Bench, workers: int) -> float:
    """After enough connections that every worker has had some."""
    with bench.alone(Proxy(Kind.EXACT, Forgotten.MILLION, workers)) as place:
        bench.answers(Answers())
        for _ in range(3):
            measured = bench.measure(place, "short-stream", 32, 1.0)
    return measured.memory_mb
