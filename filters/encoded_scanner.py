"""What an answer says in codes: the runs that do not read like language are decoded, and what they say is
scanned like any other text.

Rules: the scanner of the plain text goes on beneath and every finding of it is told. A run waits until it has
ended or is too long, is then read in every way there is, and what is found takes with it the whole tokens
that it stands in. A run that reads as too much is read less deep; more than is ever read is an error, and an
error ends the answer.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain

from filters.codecs.decoded import Decoded
from filters.codecs.readings import DEPTH, TooMuchEncoded, readings
from filters.codecs.short import pieces, sayings
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
    """`inner` reads the text as it is; `read` says what is found in a whole text. `keen`: the prompt says
    who is meant, so that an answer may be a few signs.
    """

    def __init__(
        self,
        inner: Scanner,
        read: Callable[[str], Sequence[Finding]],
        anchors: Anchors | None = None,
        *,
        keen: bool = False,
    ) -> None:
        self._inner, self._read, self._anchors, self._keen = inner, read, anchors, keen
        self._runs = OddRuns(keen=keen)
        self._text, self._origin = "", 0

    def passes(self, whole: Whole) -> bool:
        if not self._inner.passes(whole):
            return False
        if not self._keen and not may_run(whole.text):
            return True
        alone = EncodedScanner(self._inner, self._read, self._anchors, keen=self._keen)
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
        for place, finding in self._said(raw, run.held - start):
            first, last = _tokens(raw, *place)
            span = Span(max(run.held, first + start), last + start)
            told = Finding(finding.entry, finding.detector, span, finding.score, finding.key)
            if span.end > run.held and told not in seen:
                seen.add(told)
                yield told

    def _said(self, raw: str, held: int) -> Iterator[tuple[tuple[int, int], Finding]]:
        """What is found in any reading, with its place."""
        found = self._readings(raw)
        for reading in found:
            for finding in self._scanned(reading):
                yield reading.span(finding.span.start, finding.span.end), finding
        if self._keen:
            for first, last, symbols in pieces(raw, held, found):
                for finding in chain.from_iterable(map(self._read, sayings(symbols))):
                    yield (first, last), finding

    def _readings(self, text: str) -> list[Decoded]:
        """As deep as can be: where every reading of a run reads as more codes, less deep."""
        tells = self._tells if self._keen and self._anchors else None
        for depth in range(DEPTH, 1, -1):
            try:
                return readings(text, self._anchors, depth=depth, tells=tells)
            except TooMuchEncoded:
                continue
        return readings(text, self._anchors, depth=1, tells=tells)

    def _tells(self, words: Collection[str]) -> bool:
        """One word is enough where it is known who is meant."""
        return self._anchors is not None and any(map(self._anchors.tells, words))

    def _scanned(self, reading: Decoded) -> Iterator[Finding]:
        for finding in self._read(reading.text):
            # What stands around the run is found where it stands.
            if reading.is_fresh(finding.span.start, finding.span.end):
                yield finding


def _tokens(text: str, start: int, end: int) -> tuple[int, int]:
    """The span widened to whole tokens."""
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end
