"""A sentence ends late rather than early."""

import pytest

from filters.sentence_end import sentence_end


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("It rains here. So", 14),
        ("It rains here! So", 14),
        ("It rains (here.) So", 16),
        ("It rains here.", None),
        ("It rains here.So", None),
        ("It was Dr. Crane", None),
        ("It was A. Crane", None),
        ("In 1950. So", 8),
        ("no end\n\nbut this", 8),
        ("a line\nanother", None),
        ("雨。晴", 2),
        ("", None),
    ],
)
def test_sentence_end(text: str, end: int | None) -> None:
    assert sentence_end(text, 0) == end


def test_what_stands_before_the_start_is_only_context() -> None:
    text = "One here. Two there. Three"
    assert sentence_end(text, 0) == 9
    assert sentence_end(text, 9) == 20
    assert sentence_end(text, 20) is None
