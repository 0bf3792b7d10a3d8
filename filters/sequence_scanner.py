"""A scanner over one table of forgotten unit sequences, with the least hold-back that is safe.

Rule: what may still become part of a complete sequence is not clear, and a word that the text has not ended
yet is not clear, because nothing is known about it. Everything else is.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from filters.matcher import Match, Matcher
from filters.scan import Ask, Scan
from filters.whole import Whole
from index.pattern_table import PatternTable
from index.rolling import WordHash
from index.units import Unit
from policy.finding import Finding


class Reader(Protocol):
    """Turns a text into units, piece by piece."""

    @property
    def open_at(self) -> int | None: ...

    def feed(self, piece: str) -> list[Unit]: ...

    def finish(self) -> list[Unit]: ...


class SequenceScanner:
    """`finding` says what a match is, or None when it is nothing (another model's entry, say).

    `before` is text that stands directly before this one and is not part of it, a prompt: it can begin a
    sequence that this text completes. Spans count from the start of the text proper.
    """

    def __init__(
        self,
        table: PatternTable,
        reader: Reader,
        word_hash: WordHash,
        finding: Callable[[Match], Finding | None],
        before: str = "",
    ) -> None:
        self._reader = reader
        self._matcher = Matcher(table, word_hash)
        self._finding = finding
        self._shift = len(before)
        self._fed = 0
        self._found: list[Finding] = []
        self._take(reader.feed(before))
        self._found.clear()

    @property
    def clear(self) -> int:
        return clear_of(self._reader, self._shift, self._fed, (self._matcher,))

    def passes(self, whole: Whole) -> bool:
        return False

    def feed(self, text: str) -> Scan:
        self._fed += len(text)
        self._take(self._reader.feed(text))
        return self._scan(self.clear)

    def settle(self, ask: Ask, findings: Sequence[Finding]) -> Scan:
        raise ValueError("A sequence scanner asks nothing, so there is nothing to settle.")

    def finish(self) -> Scan:
        self._take(self._reader.finish())
        return self._scan(self._fed)

    def _take(self, units: Sequence[Unit]) -> None:
        for unit in units:
            for match in self._matcher.push(unit):
                moved = shifted(match, self._shift)
                finding = self._finding(moved) if moved else None
                if finding:
                    self._found.append(finding)

    def _scan(self, clear: int) -> Scan:
        found, self._found = tuple(self._found), []
        return Scan(clear, found)


def clear_of(reader: Reader, shift: int, fed: int, matchers: Sequence[Matcher]) -> int:
    """Where the first thing that must wait begins: a word still open, or a run that may be completed."""
    earliest = fed + shift
    opened = reader.open_at
    if opened is not None:
        earliest = opened
    for matcher in matchers:
        held = matcher.held_from
        if held is not None and held < earliest:
            earliest = held
    return max(0, earliest - shift)


def shifted(match: Match, shift: int) -> Match | None:
    """The match with the text before cut off; None where none of it stands in the text proper."""
    if match.end <= shift:
        return None
    return replace(
        match,
        start=max(0, match.start - shift),
        end=match.end - shift,
        begin=max(0, match.begin - shift),
    )
