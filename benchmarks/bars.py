"""What must hold, and whether it does.

Rule: a bar is judged by the median of a run; what was not measured in this run is neither met nor missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.cases import Case
from benchmarks.columns import Kind
from benchmarks.figures import BRIEF, EVENT, FIRST, STREAMS, WHOLE, Figure, Metric, Samples, added, share


@dataclass(frozen=True, slots=True)
class Bar:
    """`least` or `most`: exactly one of them."""

    title: str
    least: float | None = None
    most: float | None = None
    digits: int = 2

    @property
    def limit(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"

    def met(self, figure: Figure) -> bool:
        if self.least is not None:
            return figure.median >= self.least
        return self.most is not None and figure.median <= self.most


@dataclass(frozen=True, slots=True)
class Judged:
    bar: Bar
    figure: Figure

    @property
    def verdict(self) -> str:
        return "met" if self.bar.met(self.figure) else "not met"


def _times_litellm(metric: Metric) -> Metric:
    return replace(metric, over=Kind.LITELLM)


BARS: tuple[tuple[Bar, Metric], ...] = (
    (Bar("whole requests over the pass-through's, 20-word answers", least=0.40), share(BRIEF)),
    (Bar("whole requests over the pass-through's, 197-word answers", least=0.40), share(WHOLE)),
    (Bar("streams over the event-by-event pass-through's", least=0.35), share(STREAMS)),
    (Bar("µs of processor time an event of a stream, socket to socket", most=25, digits=1), EVENT),
    (Bar("whole requests over LiteLLM's, 20-word answers", least=10, digits=1), _times_litellm(BRIEF)),
    (Bar("whole requests over LiteLLM's, 197-word answers", least=10, digits=1), _times_litellm(WHOLE)),
    (Bar("streams over LiteLLM's", least=10, digits=1), _times_litellm(STREAMS)),
    (Bar("ms to the first word, beyond the upstream's", most=2), added(FIRST, Kind.UPSTREAM)),
)


def judged(samples: Samples, cases: Sequence[Case]) -> list[Judged]:
    """Of Unsay with exact detectors, in the first case."""
    figures = ((bar, samples.figure(metric, cases[0], Kind.EXACT)) for bar, metric in BARS)
    return [Judged(bar, figure) for bar, figure in figures if figure is not None]
