"""The laws of every scanner (filters/scan.py), to run over each of them with texts that hypothesis invents.

`law` marks such a test: it runs UNSAY_LAW_CASES cases, 400 unless told otherwise.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from filters.scan import Ask, Scan, Scanner
from policy.finding import Finding

CASES = int(os.environ.get("UNSAY_LAW_CASES", "400"))
SLOWEST_S = 3600

Test = TypeVar("Test", bound=Callable[..., None])
Judged = Callable[[Ask], Sequence[Finding]]


def law(test: Test) -> Test:
    marked: Test = pytest.mark.law(pytest.mark.timeout(SLOWEST_S)(settings(max_examples=CASES)(test)))
    return marked


def pieces(text: str) -> st.SearchStrategy[list[str]]:
    """Every way of cutting the text, whole and character by character included."""
    every = [text[place : place + 1] for place in range(len(text))]
    cuts = st.lists(st.integers(0, len(text)), max_size=8).map(sorted)
    return st.just([text]) | st.just(every) | cuts.map(lambda places: cut(text, places))


def cut(text: str, places: Sequence[int]) -> list[str]:
    edges = [0, *places, len(text)]
    return [text[first:last] for first, last in pairwise(edges)]


@dataclass(frozen=True, slots=True)
class Told:
    """All that a scanner said about one text. `clears` holds what was clear after each piece."""

    clears: tuple[int, ...]
    findings: tuple[Finding, ...]
    asks: tuple[Ask, ...]
    clear: int


def nothing(_ask: Ask) -> Sequence[Finding]:
    return ()


def read(scanner: Scanner, given: Sequence[str], judged: Judged = nothing) -> Told:
    """Feed the pieces, settle every ask at once, finish; laws 1, 2 and 4 are checked on the way."""
    reading = _Reading(scanner, judged)
    clears = []
    for piece in given:
        reading.fed += len(piece)
        reading.take(scanner.feed(piece))
        clears.append(reading.clear)
    reading.take(scanner.finish())
    assert reading.clear == reading.fed, "law 4: all is clear at last"
    found = sorted(reading.findings, key=lambda each: (each.span.start, each.span.end, repr(each)))
    return Told(tuple(clears), tuple(found), tuple(reading.asks), reading.clear)


class _Reading:
    def __init__(self, scanner: Scanner, judged: Judged) -> None:
        self.scanner, self.judged = scanner, judged
        self.fed = self.clear = 0
        self.findings: list[Finding] = []
        self.asks: list[Ask] = []

    def take(self, scan: Scan) -> None:
        self._check(scan)
        for ask in scan.asks:
            self.asks.append(ask)
            self._check(self.scanner.settle(ask, self.judged(ask)))

    def _check(self, scan: Scan) -> None:
        assert self.clear <= scan.clear <= self.fed, "law 1: clear never moves back nor passes the end"
        starts = [finding.span.start for finding in scan.findings]
        assert min(starts, default=self.clear) >= self.clear, "law 2: nothing is found in what was clear"
        assert all(finding.span.start < finding.span.end <= self.fed for finding in scan.findings)
        self.findings += scan.findings
        self.clear = scan.clear


def check(make: Callable[[], Scanner], given: Sequence[str], judged: Judged = nothing) -> Told:
    """All laws for one text cut in one way; gives what the scanner said."""
    told = read(make(), given, judged)
    whole = read(make(), ["".join(given)], judged)
    assert told.findings == whole.findings, "law 3: cutting the text differently changes nothing"
    assert told.asks == whole.asks
    assert told.clear == whole.clear
    return told
