"""A short run works from end to end: every word comes through every column, and the page is written."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.bars import judged
from benchmarks.bench import bench
from benchmarks.cases import CASES, EVENTS
from benchmarks.columns import Kind
from benchmarks.page import Page
from benchmarks.process import Failed
from benchmarks.rows import Row
from benchmarks.run import Plan, carry_out
from benchmarks.upstream import Said

PLAN = Plan((Kind.UPSTREAM, Kind.PASSTHROUGH, Kind.EXACT), (Row.BRIEF, Row.STREAMS), CASES[:1], 1, 0.1)


@pytest.mark.long
def test_a_run_measures_its_columns_and_writes_its_page(tmp_path: Path) -> None:
    with bench(tmp_path) as running:
        samples = carry_out(PLAN, running, Console(quiet=True))
    assert len(Said(tmp_path).pieces) == EVENTS
    assert {key[1:] for key in samples.taken} == {(row, kind) for row in PLAN.rows for kind in PLAN.columns}
    Page(samples, PLAN, judged(samples, PLAN.cases), "none").write(tmp_path / "page")
    record = json.loads((tmp_path / "page" / "gateway.json").read_text())
    assert {one["limit"] for one in record["bars"]} == {"≥ 0.4", "≥ 0.35", "≤ 25"}
    assert "| Unsay, exact |" in (tmp_path / "page" / "gateway.md").read_text()


def test_a_column_that_loses_a_word_is_no_measurement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench(tmp_path) as running:
        monkeypatch.setattr("benchmarks.cases.text", lambda: "a word more than what is said")
        with pytest.raises(Failed, match="expected every word"):
            running.place(Kind.PASSTHROUGH, CASES[0])
