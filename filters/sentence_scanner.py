"""Asks the embedding index about every finished sentence, and clears none before it has been judged.

Rule: the first unsettled sentence is the bound. A sentence that will not end is asked about in pieces. What
has no word in it is not asked about.
"""

from collections.abc import Sequence

from filters.scan import Ask, Scan
from filters.sentence_end import LEFT_CONTEXT, LONGEST, sentence_end
from filters.whole import Whole
from policy.finding import Finding, Span


class SentenceScanner:
    """`question` is put before each sentence: an answer is judged with what it answers."""

    def __init__(self, question: str = "") -> None:
        self._prefix = f"{question.strip()} " if question.strip() else ""
        self._text, self._origin = "", 0
        self._start = self._fed = 0
        self._open: list[Ask] = []

    def passes(self, whole: Whole) -> bool:
        return False

    def feed(self, text: str) -> Scan:
        self._text += text
        self._fed += len(text)
        asks = []
        while (end := self._end()) is not None:
            asks.extend(self._ask(end))
        self._trim()
        return self._scan(asks)

    def settle(self, ask: Ask, findings: Sequence[Finding]) -> Scan:
        clear = self._clear()
        self._open.remove(ask)
        return Scan(max(clear, self._clear()), tuple(findings))

    def finish(self) -> Scan:
        asks = []
        while self._fed - self._start > LONGEST:
            asks.extend(self._ask(self._cut(self._start + LONGEST)))
        return self._scan([*asks, *self._ask(self._fed)])

    def sentence(self, ask: Ask) -> str:
        """The sentence alone."""
        return ask.text.removeprefix(self._prefix)

    def _end(self) -> int | None:
        """The offset after the first sentence that is not asked about yet."""
        found = sentence_end(self._text, self._start - self._origin)
        limit = self._start + LONGEST
        if found is not None and found + self._origin <= limit:
            return found + self._origin
        return self._cut(limit) if self._fed >= limit + LEFT_CONTEXT else None

    def _cut(self, limit: int) -> int:
        space = self._text.rfind(" ", self._start + 1 - self._origin, limit - self._origin)
        return limit if space < 0 else space + self._origin

    def _ask(self, end: int) -> list[Ask]:
        sentence = self._text[self._start - self._origin : end - self._origin]
        span = Span(self._start, end)
        self._start = end
        if not any(map(str.isalnum, sentence)):
            return []
        self._open.append(Ask(span, self._prefix + sentence.strip()))
        return [self._open[-1]]

    def _trim(self) -> None:
        keep = max(self._origin, self._start - LEFT_CONTEXT)
        self._text, self._origin = self._text[keep - self._origin :], keep

    def _clear(self) -> int:
        return self._open[0].span.start if self._open else self._start

    def _scan(self, asks: Sequence[Ask]) -> Scan:
        return Scan(self._clear(), (), tuple(asks))
