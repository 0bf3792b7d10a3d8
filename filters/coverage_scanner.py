"""A passage in a text of an answer, whatever was changed in it: see filters/watch.py.

Rule: what the prompt ends in counts too, because the text may go on from there; a word that the text has not
ended yet is not clear.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from filters.coverage import NEAR
from filters.forgotten import Forgotten
from filters.scan import Ask, Scan
from filters.stretches import LEAST, ends_words, stretches
from filters.watch import Saying, Watch
from filters.whole import Whole
from index.units import Unit, UnitReader
from index.whole_text import WholeText
from policy.finding import Detector, Finding, Span


class CoverageScanner:
    """`before` is the prompt's tail, `given` are the pairs that the conversation supplied. With
    `near_is_hit`, what comes near a portion counts as it. Pieces of `long` characters are read in bulk.
    """

    def __init__(
        self,
        forgotten: Forgotten,
        given: Collection[int] = (),
        before: str = "",
        *,
        near_is_hit: bool = False,
        long: int = LEAST,
    ) -> None:
        self._forgotten, self._given, self._before = forgotten, given, before
        self._enough = NEAR if near_is_hit else 1.0
        self._long = long
        self._fed, self._shift = 0, len(before)
        self._found: list[Finding] = []
        self.since: dict[int, int] = {}

    @cached_property
    def _watch(self) -> Watch:
        return Watch(self._forgotten, self._given, self._enough)

    @cached_property
    def _reader(self) -> UnitReader:
        """Made when it is needed: nearly every text that is there whole passes without."""
        reader = UnitReader()
        for unit in reader.feed(self._before):
            self._take(self._watch.push(unit))
        return reader

    def passes(self, whole: Whole) -> bool:
        return Watch(self._forgotten, self._given, self._enough).passes(whole.hashes)

    def feed(self, text: str) -> Scan:
        self._fed += len(text)
        if len(text) < self._long:
            for unit in self._reader.feed(text):
                sayings = self._watch.push(unit)
                if sayings:
                    self._take(sayings)
        else:
            for piece in stretches(text):
                self._stretch(piece)
        return self._scan()

    def settle(self, ask: Ask, findings: Sequence[Finding]) -> Scan:
        raise ValueError("Coverage asks nothing, so there is nothing to settle.")

    def finish(self) -> Scan:
        self._push(self._reader.finish())
        found, self._found = tuple(self._found), []
        return Scan(self._fed, found)

    def _stretch(self, text: str) -> None:
        if self._reader.open_at is None and ends_words(text):
            hashes = self._forgotten.snapshot.word_hash.many(WholeText.of(text).words)
            if self._watch.passes_over(hashes):
                self._reader.skip(len(text))
                return
        self._push(self._reader.feed(text))

    def _push(self, units: Sequence[Unit]) -> None:
        for unit in units:
            sayings = self._watch.push(unit)
            if sayings:
                self._take(sayings)

    def _take(self, sayings: Sequence[Saying]) -> None:
        self._found += self._findings(sayings)

    def _findings(self, sayings: Sequence[Saying]) -> Iterator[Finding]:
        for entry, key, start, end in sayings:
            if end > self._shift:
                span = Span(max(0, start - self._shift), end - self._shift)
                self.since.setdefault(entry, span.start)
                yield Finding(self._forgotten.id(entry), Detector.COVERAGE, span, 1.0, key)

    def _scan(self) -> Scan:
        held, opened = self._watch.held_from, self._reader.open_at
        clear = self._fed if opened is None else opened - self._shift
        if held is not None and held - self._shift < clear:
            clear = held - self._shift
        if clear < 0:
            clear = 0
        if not self._found:
            return Scan(clear)
        found, self._found = tuple(self._found), []
        return Scan(clear, found)
