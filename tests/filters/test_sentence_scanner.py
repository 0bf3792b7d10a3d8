"""The sentence scanner keeps the scanner laws and lets no sentence go unjudged."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from filters.scan import Ask
from filters.sentence_end import LONGEST
from filters.sentence_scanner import SentenceScanner
from policy.finding import Detector, Finding, Span
from tests.filters.texts import ANY, MIXED
from tests.laws import check, law, pieces, read


def suspicious(ask: Ask) -> Sequence[Finding]:
    return [Finding("first", Detector.SEMANTIC, ask.span, 0.9)] if "b" in ask.text else []


@law
@given(st.data(), MIXED | ANY | st.text("ab. ", max_size=30).map(lambda text: text * 60))
def test_it_keeps_the_laws_and_asks_about_every_word(data: st.DataObject, text: str) -> None:
    told = check(lambda: SentenceScanner("Who?"), data.draw(pieces(text)), suspicious)
    asked = "".join(ask.text.removeprefix("Who? ") for ask in told.asks)
    assert sum(map(str.isalnum, asked)) == sum(map(str.isalnum, text))
    assert all(len(ask.span) <= LONGEST for ask in told.asks)


def test_nothing_is_clear_before_it_is_judged() -> None:
    scanner = SentenceScanner()
    first = scanner.feed("He keeps bees. She writes. And")
    assert (first.clear, [ask.text for ask in first.asks]) == (0, ["He keeps bees.", "She writes."])
    assert scanner.settle(first.asks[1], ()).clear == 0
    assert scanner.settle(first.asks[0], ()).clear == 26


def test_findings_of_the_judge_are_passed_on() -> None:
    told = read(SentenceScanner(), ["It is terribly bad here. Good"], suspicious)
    assert [each.span for each in told.findings] == [Span(0, 24)]
