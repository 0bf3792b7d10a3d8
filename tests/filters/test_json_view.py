"""The view of JSON text is what its strings mean, however it is cut and however broken it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.json_view import JsonScanner, JsonView
from filters.scan import Ask
from filters.sentence_scanner import SentenceScanner
from policy.finding import Detector, Finding
from tests.filters.test_string_scanner import CRANE, scanner
from tests.laws import law, pieces, read

BROKEN = st.text('\\\\\\ud83deDc0n"x\n ', max_size=24)


def view(given_pieces: list[str]) -> str:
    reader = JsonView()
    return "".join(map(reader.feed, given_pieces)) + reader.finish()


@law
@given(st.data(), BROKEN)
def test_cutting_it_differently_changes_nothing(data: st.DataObject, text: str) -> None:
    assert view(data.draw(pieces(text))) == view([text])


@law
@given(st.data(), st.text(st.characters(codec="utf-8")), st.booleans())
def test_it_shows_what_was_written(data: st.DataObject, text: str, ascii_only: bool) -> None:
    written = json.dumps(text, ensure_ascii=ascii_only)
    assert view(data.draw(pieces(written))) == f'"{text}"'


@law
@given(st.data(), st.text(st.sampled_from('aé😀"\\\n'), max_size=20))
def test_every_character_knows_where_it_stood(data: st.DataObject, text: str) -> None:
    written = [json.dumps(each)[1:-1] for each in text]
    reader = JsonView()
    for piece in data.draw(pieces("".join(written))):
        reader.feed(piece)
    reader.finish()
    assert [reader.raw(place) for place in range(len(text) + 1)] == [
        len("".join(written[:place])) for place in range(len(text) + 1)
    ]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (r"\u0041\u006c", "Al"),
        (r"\ud83d\ude00", "😀"),
        (r"\ud83d", "\ufffd"),
        (r"\ud83dx", "\ufffdx"),
        (r"\u12zz \q \ ", r"\u12zz \q \ "),
        (r"a\\nb", r"a\nb"),
        ("tail\\", "tail\\"),
    ],
)
def test_what_is_no_escape_stays(raw: str, shown: str) -> None:
    assert view([raw]) == shown


def found(text: str, depth: int) -> list[str]:
    reading = scanner(CRANE) if depth == 0 else JsonScanner(scanner(CRANE))
    told = read(reading if depth < 2 else JsonScanner(reading), list(text))
    return [text[each.span.start : each.span.end] for each in told.findings]


@pytest.mark.parametrize(
    ("text", "depths", "span"),
    [
        (r'{"who": "Alden\nCrane"}', (1, 2), r"Alden\nCrane"),
        (r'{"who": "\u0041lden Crane"}', (1, 2), r"\u0041lden Crane"),
        (r'{"code": "print(\"Alden\\nCrane\")"}', (2,), r"Alden\\nCrane"),
        (r'{"who": "Alden Crane"}', (0, 1, 2), "Alden Crane"),
    ],
)
def test_without_the_view_escapes_would_hide_a_name(text: str, depths: tuple[int, ...], span: str) -> None:
    for depth in range(3):
        assert found(text, depth) == ([span] if depth in depths else [])


def test_asks_come_back_with_the_spans_of_the_raw_text() -> None:
    def judged(ask: Ask) -> list[Finding]:
        return [Finding("first", Detector.SEMANTIC, ask.span, 0.9)]

    text = r'{"a": "B\u00e9n is here. \u00c9 no"}'
    told = read(JsonScanner(SentenceScanner()), list(text), judged)
    assert [text[each.span.start : each.span.end] for each in told.findings] == [
        r'{"a": "B\u00e9n is here.',
        r' \u00c9 no"}',
    ]
    assert [ask.text for ask in told.asks] == ['{"a": "Bén is here.', 'É no"}']
