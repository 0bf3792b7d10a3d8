"""A matcher in a text keeps the scanner laws, finds what brute force finds and holds as little as can be."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from filters.matcher import Match, Matcher, shifted
from filters.scan import Ask, Scan
from filters.whole import Whole
from index.pattern_table import PatternTable
from index.units import DigitReader, Unit, UnitReader, digits, units
from policy.finding import Detector, Finding, Span
from tests.filters.texts import ANY, NUMBERS, TEXTS
from tests.filters.world import HASH, ExactTable, occurrences
from tests.laws import check, law, pieces

Patterns = list[tuple[str, ...]]

PATTERNS = st.lists(st.text("abc", min_size=1, max_size=5).map(tuple), max_size=5)
FIGURES = st.lists(st.text("0123", min_size=1, max_size=4).map(tuple), max_size=4)


class SequenceScanner:
    """One matcher and nothing else as a scanner. `before` stands directly before its text."""

    def __init__(self, table: PatternTable, reader: UnitReader | DigitReader, before: str = "") -> None:
        self._reader, self._matcher, self._shift = reader, Matcher(table, HASH), len(before)
        self._fed = 0
        self._found: list[Finding] = []
        self._take(reader.feed(before))
        self._found.clear()

    @property
    def clear(self) -> int:
        """Where the first thing that must wait begins: a word still open, or a run that may be completed."""
        waiting = (self._fed + self._shift, self._reader.open_at, self._matcher.held_from)
        return max(0, min(at for at in waiting if at is not None) - self._shift)

    def passes(self, whole: Whole) -> bool:
        return False

    def feed(self, text: str) -> Scan:
        self._fed += len(text)
        self._take(self._reader.feed(text))
        return self._scan(self.clear)

    def settle(self, ask: Ask, findings: Sequence[Finding]) -> Scan:
        raise ValueError("it asks nothing")

    def finish(self) -> Scan:
        self._take(self._reader.finish())
        return self._scan(self._fed)

    def _take(self, read: Sequence[Unit]) -> None:
        matches = (shifted(match, self._shift) for unit in read for match in self._matcher.push(unit))
        self._found += [found(match) for match in matches if match]

    def _scan(self, clear: int) -> Scan:
        told, self._found = tuple(self._found), []
        return Scan(clear, told)


def found(match: Match) -> Finding:
    return Finding(str(match.owner), Detector.VERBATIM, Span(match.start, match.end), 1.0, match.key)


def words_scanner(table: PatternTable, before: str = "") -> SequenceScanner:
    return SequenceScanner(table, UnitReader(), before)


def brute_spans(patterns: Patterns, text: Sequence[Unit], reveal: int) -> list[tuple[int, int, str]]:
    """The withheld part of every occurrence: all but the first `reveal` units, and always the last one."""
    return sorted(
        (text[place + min(reveal, len(pattern) - 1)].start, text[place + len(pattern) - 1].end, str(owner))
        for owner, pattern in enumerate(patterns)
        for place in occurrences(text, pattern)
    )


def brute_clear(patterns: Patterns, text: str, reveal: int) -> int:
    """The start of the first unit that some continuation could make part of a pattern, less the allowance."""
    reader = UnitReader()
    done = reader.feed(text)
    clear = len(text) if reader.open_at is None else reader.open_at
    ends = [tuple(unit.text for unit in done[len(done) - size :]) for size in range(1, len(done) + 1)]
    begun = [len(end) for end in ends if any(end == known[: len(end)] != known for known in patterns)]
    held = max([0, *begun]) - reveal
    return min(clear, done[-held].start) if held > 0 else clear


def spans(findings: Sequence[Finding]) -> list[tuple[int, int, str]]:
    return sorted((each.span.start, each.span.end, each.entry) for each in findings)


@law
@given(st.data(), PATTERNS, TEXTS | ANY, st.integers(0, 3))
def test_words_keep_the_laws_and_agree_with_brute_force(
    data: st.DataObject, patterns: Patterns, text: str, reveal: int
) -> None:
    given_pieces = data.draw(pieces(text))
    told = check(lambda: words_scanner(ExactTable(patterns, reveal)), given_pieces)
    assert spans(told.findings) == brute_spans(patterns, units(text), reveal)


@law
@given(st.data(), FIGURES, NUMBERS)
def test_digits_keep_the_laws_and_agree_with_brute_force(
    data: st.DataObject, patterns: Patterns, text: str
) -> None:
    given_pieces = data.draw(pieces(text))
    table = ExactTable(patterns, 0)
    told = check(lambda: SequenceScanner(table, DigitReader()), given_pieces)
    assert spans(told.findings) == brute_spans(patterns, digits(text), 0)


@law
@given(st.data(), PATTERNS, TEXTS, st.integers(0, 3))
def test_exactly_the_least_is_held_after_every_piece(
    data: st.DataObject, patterns: Patterns, text: str, reveal: int
) -> None:
    given_pieces = data.draw(pieces(text))
    told = check(lambda: words_scanner(ExactTable(patterns, reveal)), given_pieces)
    fed = ""
    for piece, clear in zip(given_pieces, told.clears, strict=True):
        fed += piece
        assert clear == brute_clear(patterns, fed, reveal)


@law
@given(st.data(), PATTERNS, TEXTS, st.integers(0, 3))
def test_text_before_can_begin_what_the_text_completes(
    data: st.DataObject, patterns: Patterns, text: str, reveal: int
) -> None:
    """Priming is reading both in one, with what lies in the text before cut off."""
    edge = data.draw(st.integers(0, len(text)))
    before, after = text[:edge], text[edge:]
    told = check(lambda: words_scanner(ExactTable(patterns, reveal), before), data.draw(pieces(after)))
    both = brute_spans(patterns, units(text), reveal)
    assert spans(told.findings) == sorted(
        (max(0, start - edge), end - edge, owner) for start, end, owner in both if end > edge
    )


def test_a_hold_of_nothing_lets_a_pattern_begin() -> None:
    """The law about the least hold can fail: with a larger allowance than the table's it does."""
    scanner = words_scanner(ExactTable([("a", "b", "c")], 0))
    assert scanner.feed("x a b ").clear == 2
    allowing = words_scanner(ExactTable([("a", "b", "c")], 1))
    assert allowing.feed("x a b ").clear == 4


def test_an_open_word_waits() -> None:
    scanner = words_scanner(ExactTable([("forgotten",)], 0))
    assert scanner.feed("never for").clear == 6
    assert scanner.feed("bid ").clear == 13
