"""What an answer says in codes: the runs that do not read like language are decoded, and what they say is
scanned like any other text.

Rules: the scanner of the plain text goes on beneath and every finding of it is told. A run waits until it has
ended or is too long, is then read in every way there is, and what is found takes with it the whole tokens
that it stands in. A run that reads as too much is read less deep; more than is ever read is an error, and an
error ends the answer.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from filters.codecs.decoded import Decoded
from filters.codecs.readings import DEPTH, TooMuchEncoded, readings
from filters.odd_runs import MOST_HELD, OddRuns, Run
from filters.odd_search import may_run
from filters.scan import Ask, Scan, Scanner
from filters.whole import Whole
from index.anchors import Anchors
from policy.finding import Finding, Span

# Whatever a run and what is read around it can be.
_KEPT = 2 * MOST_HELD
# What nearly every token of a stream is: a space and a word, too short to be let go before it ends.
_A_WORD = re.compile(r" [A-Za-z][a-z]{0,22}")


class EncodedScanner:
    """`inner` reads the text as it is; `read` says what is found in a whole text."""

    def __init__(
        self, inner: Scanner, read: Callable[[str], Sequence[Finding]], anchors: Anchors | None = None
    ) -> None:
        self._inner, self._read, self._anchors = inner, read, anchors
        self._runs = OddRuns()
        self._text, self._origin = "", 0

    def passes(self, whole: Whole) -> bool:
        if not self._inner.passes(whole):
            return False
        if not may_run(whole.text):
            return True
        alone = EncodedScanner(self._inner, self._read, self._anchors)
        return not (alone._decoded(whole.text) or alone._ended())

    def feed(self, text: str) -> Scan:
        scan = self._inner.feed(text)
        self._text += text
        runs = self._runs
        if runs.quiet and _A_WORD.fullmatch(text):
            runs.skip(text[1:])
            if len(self._text) > 2 * _KEPT:
                self._trim()
            return scan
        found = self._found(runs.feed(text))
        self._trim()
        return self._joined(scan, found)

    def settle(self, ask: Ask, findings: Sequence[Finding]) -> Scan:
        return self._joined(self._inner.settle(ask, findings), ())

    def finish(self) -> Scan:
        scan = self._inner.finish()
        return self._joined(scan, self._ended())

    def _decoded(self, text: str) -> Sequence[Finding]:
        self._text += text
        return self._found(self._runs.feed(text))

    def _ended(self) -> Sequence[Finding]:
        return self._found(self._runs.finish())

    def _joined(self, scan: Scan, found: Sequence[Finding]) -> Scan:
        clear = min(scan.clear, self._runs.clear)
        return scan._replace(clear=clear, findings=(*scan.findings, *found))

    def _trim(self) -> None:
        if len(self._text) > 2 * _KEPT:
            self._origin += len(self._text) - _KEPT
            self._text = self._text[-_KEPT:]

    def _found(self, runs: Sequence[Run]) -> Sequence[Finding]:
        return [finding for run in runs for finding in self._of(run)] if runs else ()

    def _of(self, run: Run) -> Iterator[Finding]:
        """What a run says, once each."""
        start = max(run.start, self._origin, 0)
        raw = self._text[start - self._origin : run.end - self._origin]
        seen: set[Finding] = set()
        for reading in _read(raw, self._anchors):
            for finding in self._scanned(reading):
                first, last = _tokens(raw, *reading.span(finding.span.start, finding.span.end))
                span = Span(max(run.held, first + start), last + start)
                told = Finding(finding.entry, finding.detector, span, finding.score, finding.key)
                if span.end > run.held and told not in seen:
                    seen.add(told)
                    yield told

    def _scanned(self, reading: Decoded) -> Iterator[Finding]:
        for finding in self._read(reading.text):
            # What stands around the run is found where it stands.
            if reading.is_fresh(finding.span.start, finding.span.end):
                yield finding


def _read(text: str, anchors: Anchors | None) -> list[Decoded]:
    """As deep as can be: where every reading of a run reads as more codes, less deep."""
    for depth in range(DEPTH, 1, -1):
        try:
            return readings(text, anchors, depth=depth)
        except TooMuchEncoded:
            continue
    return readings(text, anchors, depth=1)


def _tokens(text: str, start: int, end: int) -> tuple[int, int]:
    """The span widened to whole tokens."""
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end
