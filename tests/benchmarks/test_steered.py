"""What was measured of steering is kept, and the page tells it."""

from pathlib import Path

from benchmarks.steered import Bench, Kept, write_page
from evaluation.interval import Rate


def test_what_was_measured_is_measured_once_and_that_of_a_trial_is_no_result(tmp_path: Path) -> None:
    Kept(tmp_path / "page.json", 1).add("floor, greedy", Rate(1, 9))
    assert Kept(tmp_path / "page.json", 1)["floor, greedy"] == Rate(1, 9)
    assert "floor, drawn" not in Kept(tmp_path / "page.json", 1)
    assert "floor, greedy" not in Kept(tmp_path / "page.json", 12)


def test_the_page_tells_every_row_that_is_measured(tmp_path: Path) -> None:
    kept, rows = Kept(tmp_path / "page.json", 1), list(Bench(1).measures())
    for place, row in enumerate(rows):
        kept.add(row, Rate(place, 1000))
    write_page(tmp_path / "page.md", kept, 1)
    page = (tmp_path / "page.md").read_text()
    assert [row for place, row in enumerate(rows) if f"| {Rate(place, 1000)} |" not in page] == []
