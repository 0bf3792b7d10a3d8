"""Five methods in a small world, beside models that were really trained without: some hold on every seed.

What flips from seed to seed (who relearns least, who is flagged) is not asserted.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch

from tests.unlearning.testbed.reported import depth_of, figures, judging, measured, outside
from tests.unlearning.testbed.telling import COLUMNS
from unlearning.report.measured import Measured
from unlearning.report.models import Models
from unlearning.testbed.learning import Course, Shape
from unlearning.testbed.models import Courses, Maker
from unlearning.testbed.row import Row
from unlearning.testbed.table import FULL, GOLD, SECOND, Bench
from unlearning.testbed.verdict import Verdict, judged
from unlearning.testbed.world import Sizes, draw_world
from unlearning.testbed.written import write_table

METHODS = ("wga", "uce", "ga", "npo", "rmu")
WORLD = draw_world(Sizes(base=24, forget=8, retain=24, holdout=16))
SHAPE = Shape(hidden=64, layers=2, heads=2, feed_forward=128)
COURSES = Courses(Course(epochs=30, rate=4e-3, batch=32), Course(epochs=30, rate=3e-3, batch=32))


class Rows:
    """Each is made when it is first asked for, so that no test waits for what others need."""

    def __init__(self, cache: Path) -> None:
        self.bench = Bench(WORLD, cache, Maker(WORLD, cache / "models", COURSES, SHAPE))

    def __getitem__(self, method: str) -> Row:
        return self.bench.row(method, 0, self.bench.trio(0))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return tmp_path_factory.mktemp("testbed")


@pytest.fixture(scope="module")
def rows(cache: Path) -> Rows:
    return Rows(cache)


@pytest.fixture(scope="module")
def known(rows: Rows) -> Mapping[str, Measured]:
    """What a report would find out about the three models that were trained."""
    return measured(WORLD, rows.bench.trio(0))


def test_the_full_model_knows_and_gold_does_not(rows: Rows) -> None:
    full, gold = rows[FULL].figures, rows[GOLD].figures
    assert min(full.forget, full.retain, gold.retain) >= 0.95
    assert max(gold.forget, gold.relearnt, full.holdout) <= 0.15


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_tells_the_full_model_from_gold(rows: Rows, column: str) -> None:
    assert COLUMNS[column](rows[FULL].figures, rows[GOLD].figures, len(WORLD.holdout))
    assert judged(rows[FULL], rows[GOLD]) is Verdict.LEAKS


@pytest.mark.parametrize("column", COLUMNS)
def test_no_column_tells_the_second_gold_from_gold(rows: Rows, column: str) -> None:
    assert not COLUMNS[column](rows[SECOND].figures, rows[GOLD].figures, len(WORLD.holdout))
    assert judged(rows[SECOND], rows[GOLD]) is Verdict.NOT_FLAGGED


def test_every_figure_of_a_report_tells_the_full_model(known: Mapping[str, Measured]) -> None:
    """By the holdout alone, as in production, and by two golds."""
    full, gold, second = known["full"], known["gold"], known["second"]
    for models in (Models(full, full), Models(full, full, gold, second)):
        found = figures(models)
        assert len(judging(found)) >= 10
        assert outside(found) == judging(found)


@pytest.mark.parametrize("name", ["gold", "second"])
def test_no_figure_of_a_report_tells_a_gold(known: Mapping[str, Measured], name: str) -> None:
    """By the holdout: a band that two golds made would judge them by themselves."""
    assert outside(figures(Models(known["full"], known[name]))) == []


def test_no_layer_of_the_full_model_has_lost_it_and_most_of_the_second_golds_have(rows: Rows) -> None:
    trio = rows.bench.trio(0)
    assert depth_of(WORLD, trio, trio.full) == 0.0
    assert depth_of(WORLD, trio, trio.second) > 0.5


@pytest.mark.parametrize("method", ["wga", "uce"])
def test_weighted_ascent_forgets_and_keeps_the_rest(rows: Rows, method: str) -> None:
    row, gold = rows[method], rows[GOLD]
    assert row.outcome == "reached"
    assert row.figures.forget <= gold.figures.forget + 0.05
    assert row.figures.retain >= 0.95


@pytest.mark.parametrize("method", ["ga", "npo"])
def test_plain_ascent_loses_what_must_stay(rows: Rows, method: str) -> None:
    assert rows[method].outcome == "too dear"
    assert rows[method].figures.retain < 0.95
    assert judged(rows[method], rows[GOLD]) in (Verdict.DEAR, Verdict.LEAKS)


def test_misdirection_hides_and_what_it_hid_comes_back(rows: Rows) -> None:
    row, gold = rows["rmu"], rows[GOLD]
    assert row.figures.forget < 0.5
    assert row.figures.relearnt > gold.figures.relearnt


def test_what_was_measured_once_is_not_measured_again(rows: Rows, cache: Path) -> None:
    """Its seconds would differ."""
    assert Rows(cache)["wga"] == rows["wga"]


def test_all_rows_make_a_table(rows: Rows, tmp_path: Path) -> None:
    found = list(rows.bench.rows(METHODS, [0], lambda *_: None))
    write_table(found, tmp_path)
    assert [row.method for row in found] == [FULL, GOLD, SECOND, *METHODS]
    assert "| wga |" in (tmp_path / "unlearning.md").read_text()
