"""Edited passages of invented worlds are found as often as is claimed, and other people's texts never."""

from pathlib import Path

import pytest

from benchmarks.coverage import measure, page
from benchmarks.coverage_cases import Case, cases

BARS = {"5%": 0.99, "15%": 0.97, "30%": 0.9}
MADE = cases(None)


@pytest.mark.long
@pytest.mark.parametrize("name", MADE)
def test_edited_passages_are_found_and_other_texts_are_not(name: str, tmp_path: Path) -> None:
    row = measure(MADE[name](), tmp_path)
    found = {what: value for what, value in row.items() if isinstance(value, float)}
    for rate, bar in BARS.items():
        assert min(found[f"prompt {rate}"], found[f"answer {rate}"]) >= bar
    assert found["pieces"] == found["pieces, any order"] == 1
    assert row["other texts altered by coverage"] == row["retain texts altered by coverage"] == 0


def test_a_page_has_a_column_for_each_case(tmp_path: Path) -> None:
    text = "The lamplighter kept seven herons beside a crooked granite mill and sold copper lanterns."
    row = measure(Case((text,), ("Nobody was there. " * 70,)), tmp_path, trials=2)
    assert row["prompt 5%"] == row["pieces"] == 1.0
    assert "| prompt 5% | 100.0 % |" in page({"a case": row})
