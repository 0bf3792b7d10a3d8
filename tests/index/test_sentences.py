"""Sentences: nothing lost, nothing twice, nothing too long for an encoder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import LONGEST, sentences, stretches, windows

PROSE = st.text(alphabet="ab .!?\n\"'Dr…。é", max_size=1500) | st.text(max_size=300)


def spoken(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


@given(PROSE)
def test_spans_are_in_order_and_hold_every_character_that_is_not_white_space(text: str) -> None:
    end, held = 0, ""
    for span in sentences(text):
        assert end <= span.start < span.end
        assert span.end - span.start <= LONGEST
        held += text[end : span.start] + text[span.start : span.end]
        assert not text[end : span.start].strip()
        end = span.end
    assert not text[end:].strip()


@given(PROSE)
def test_every_sentence_is_a_window_and_every_window_is_short(text: str) -> None:
    found = windows(text)
    assert set(spoken(text)) <= set(found)
    assert all(0 < len(window) <= LONGEST for window in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He wrote. She read!  Who knew?", ["He wrote.", "She read!", "Who knew?"]),
        ("Dr. Crane met J. Doe. They spoke.", ["Dr. Crane met J. Doe.", "They spoke."]),
        ('"Go on." He left.', ['"Go on."', "He left."]),
        ("one line\nanother", ["one line", "another"]),
        ("彼は来た。彼女も来た。", ["彼は来た。", "彼女も来た。"]),
        ("It cost 3.50 dollars.", ["It cost 3.50 dollars."]),
        ("  ", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert spoken(text) == expected


def test_windows_are_runs_of_up_to_three_sentences() -> None:
    assert windows("A b. C d. E f.") == ["A b.", "A b. C d.", "A b. C d. E f.", "C d.", "C d. E f.", "E f."]


def test_stretches_follow_one_another() -> None:
    assert stretches("A b. C d. E f. G h.") == ["A b. C d. E f.", "G h."]
    assert stretches(" ") == []
