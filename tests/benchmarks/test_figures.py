"""Figures come from rounds: the median, where most of them lie, and columns compared within a round."""

import pytest

from benchmarks.bars import BARS, Bar, Judged, judged
from benchmarks.cases import CASES, EVENTS
from benchmarks.columns import Kind
from benchmarks.figures import BRIEF, EVENT, FIRST, Figure, Samples, added, share
from benchmarks.rows import Row, Sample

PLAIN = CASES[0]


def sampled(*rates: float, cpu_us: float = 1.0, first_ms: float = 1.0) -> list[Sample]:
    return [Sample(rate, cpu_us, (first_ms,), 10.0) for rate in rates]


def samples(row: Row, **taken: list[Sample]) -> Samples:
    return Samples({(PLAIN, row, Kind(kind)): found for kind, found in taken.items()})


def test_a_figure_is_the_median_and_where_four_fifths_lie() -> None:
    assert Figure.of([float(value) for value in range(11)]) == Figure(5.0, 1.0, 9.0)
    assert Figure.of([3.0]) == Figure(3.0, 3.0, 3.0)


def test_columns_are_compared_within_a_round() -> None:
    """The machine was half as fast in the second round: for both."""
    found = samples(Row.BRIEF, passthrough=sampled(100, 50), exact=sampled(40, 20))
    assert found.figure(share(BRIEF), PLAIN, Kind.EXACT) == Figure(0.4, 0.4, 0.4)


def test_nothing_is_compared_with_itself() -> None:
    found = samples(Row.BRIEF, passthrough=sampled(100))
    assert found.figure(share(BRIEF), PLAIN, Kind.PASSTHROUGH) is None
    assert found.figure(share(BRIEF), PLAIN, Kind.EXACT) is None


def test_time_is_added_and_cost_is_by_event() -> None:
    first = samples(Row.FIRST, upstream=sampled(1, first_ms=0.5), exact=sampled(1, first_ms=2.0))
    assert first.figure(added(FIRST, Kind.UPSTREAM), PLAIN, Kind.EXACT) == Figure(1.5, 1.5, 1.5)
    streams = samples(Row.STREAMS, exact=sampled(1, cpu_us=30.0 * EVENTS))
    assert streams.figure(EVENT, PLAIN, Kind.EXACT) == Figure(30.0, 30.0, 30.0)


@pytest.mark.parametrize(("value", "verdict"), [(0.40, "met"), (0.39, "not met")])
def test_a_bar_says_whether_it_is_met(value: float, verdict: str) -> None:
    assert Judged(Bar("", least=0.40), Figure.of([value])).verdict == verdict


def test_what_was_not_measured_is_not_judged() -> None:
    found = samples(Row.BRIEF, passthrough=sampled(100), exact=sampled(50))
    assert [one.bar.limit for one in judged(found, [PLAIN])] == [BARS[0][0].limit]
