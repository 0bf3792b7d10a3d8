"""Runs: how often a text came near a forgotten passage without saying a window of it.

Rules: pieces that come near and share a unit are one run, however long it got; a run that shares a unit with
a whole window is part of that and no run of its own.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from filters.regions import touches
from policy.finding import Span

Places = Sequence[int]


def count_runs(near: Sequence[Places], whole: Iterable[Places]) -> int:
    """The runs among pieces of a prompt, each given by the places of its units."""
    if not near:
        return 0
    first: dict[int, int] = {}

    def root(place: int) -> int:
        while (known := first.setdefault(place, place)) != place:
            first[place] = place = first.setdefault(known, known)
        return place

    hits = list(whole)
    for one, other in chain.from_iterable(map(pairwise, (*near, *hits))):
        first[root(other)] = root(one)
    return len({root(places[0]) for places in near} - {root(places[0]) for places in hits})


class Runs:
    """The runs of one stream. One that is `open` is certain once nothing to come can share a unit with it."""

    def __init__(self) -> None:
        self.open: list[Span] = []
        self._whole = 0

    def near(self, span: Span) -> None:
        """Pieces and windows come in the order of their ends."""
        if span.start < self._whole:
            self.whole(span)
        else:
            self.open.append(self._joined(span))

    def whole(self, span: Span) -> None:
        """A whole window, and what shares a unit with it, is no run."""
        self._whole = max(self._whole, self._joined(span).end)

    def certain(self, before: int) -> tuple[Span, ...]:
        """The runs that end before all that may still be completed, once each."""
        done = tuple(span for span in self.open if span.end <= before)
        self.open = [span for span in self.open if span.end > before]
        return done

    def _joined(self, span: Span) -> Span:
        """The piece with all open runs that it shares a unit with."""
        start = span.start
        while self.open and self.open[-1].end > start:
            start = min(self.open.pop().start, start)
        return Span(start, span.end)


class Released:
    """How many runs of one text went out whole. A run that two scanners of the text tell counts once."""

    def __init__(self) -> None:
        self._waiting: list[Span] = []
        self._withheld: list[tuple[int, int]] = []
        self._count = self._until = 0

    def came_near(self, runs: Iterable[Span]) -> None:
        self._waiting += runs

    def withhold(self, span: Span) -> None:
        """Regions come in the order of the text."""
        if self._withheld and span.start < self._withheld[-1][1]:
            first, last = self._withheld.pop()
            span = Span(first, max(last, span.end))
        self._withheld.append((span.start, span.end))

    def near(self, released: int) -> int:
        """The count, when all before this offset has been dealt with."""
        if not self._waiting:
            return self._count
        for run in sorted(self._waiting, key=lambda run: (run.end, run.start)):
            if run.end <= released and run.start >= self._until:
                self._until = run.end
                self._count += not touches(run, self._withheld)
        self._waiting = [run for run in self._waiting if run.end > released]
        return self._count
