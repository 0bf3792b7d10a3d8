"""The figures as tables on the terminal: one for each case, a column for each thing that was measured."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.bars import Judged
from benchmarks.columns import TITLES
from benchmarks.figures import METRICS, Figure, Metric, Samples
from benchmarks.run import Plan


def written(figure: Figure | None, digits: int) -> str:
    """The median, and in brackets where 80 % of the rounds lie."""
    if figure is None:
        return ""
    said = [f"{value:,.{digits}f}" for value in (figure.median, figure.low, figure.high)]
    return said[0] if said[1] == said[2] else f"{said[0]} ({said[1]}–{said[2]})"


def rows_of(plan: Plan) -> list[Metric]:
    return [metric for metric in METRICS if metric.row is None or metric.row in plan.rows]


def show(samples: Samples, plan: Plan, judged: Sequence[Judged], console: Console) -> None:
    for case in plan.cases:
        kinds = plan.of(case)
        table = Table("median (10 %–90 % of the rounds)", *(TITLES[kind] for kind in kinds), title=case.title)
        for metric in rows_of(plan):
            cells = [written(samples.figure(metric, case, kind), metric.digits) for kind in kinds]
            if any(cells):
                table.add_row(metric.title, *cells)
        console.print(table)
    bars = Table("bar", "", "measured", "", title="Unsay, exact")
    for one in judged:
        bars.add_row(one.bar.title, one.bar.limit, written(one.figure, one.bar.digits), one.verdict)
    if judged:
        console.print(bars)
