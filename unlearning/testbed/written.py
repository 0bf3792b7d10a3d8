"""The table as Markdown, JSON and a drawing.

Rule: figures stand as the mean and the range over the seeds; no method is said to erase.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from statistics import mean
from typing import Any

from unlearning.testbed.duel import duels
from unlearning.testbed.plot import plot
from unlearning.testbed.row import Row
from unlearning.testbed.table import FULL, GOLD
from unlearning.testbed.verdict import Verdict, judged

Golds = Mapping[int, Row]
Read = Callable[[Row, Row], float]


def write_table(
    rows: Sequence[Row], folder: Path, name: str = "unlearning", options: Sequence[str] = ()
) -> None:
    """As Markdown, as JSON, and drawn. `options`: of the command that made it."""
    golds = {row.seed: row for row in rows if row.method == GOLD}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(markdown(rows, golds, name, options), encoding="utf-8")
    (folder / f"{name}.svg").write_text(plot(rows, golds), encoding="utf-8")
    told = [_told(row, golds[row.seed]) for row in rows]
    (folder / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def markdown(rows: Sequence[Row], golds: Golds, name: str, options: Sequence[str]) -> str:
    columns = _columns()
    opening = _text("opening.md")
    command = " ".join(["python -m unlearning.testbed", *options])
    lines = [
        opening.format(command=command, seeds=len(golds), items=len(rows[0].figures.ratios)) + "\n",
        f"![what comes back]({name}.svg)\n",
        f"| model | {' | '.join(columns)} | verdicts |",
        "|---" * (len(columns) + 2) + "|",
    ]
    for method in dict.fromkeys(row.method for row in rows):
        some = [row for row in rows if row.method == method]
        cells = [_cell([read(row, golds[row.seed]) for row in some]) for read in columns.values()]
        lines.append(f"| {method} | {' | '.join(cells)} | {_verdicts(some, golds)} |")
    return "\n".join([*lines, *_duels(rows, golds)]) + "\n"


def _duels(rows: Sequence[Row], golds: Golds) -> Iterator[str]:
    """Which of the fit methods relearns least, and how sure that is."""
    found = duels(rows, golds)
    if found:
        yield _text("duels.md").format(method=found[0].method)
    for one in found:
        band = f"{one.band.low:.3f} to {one.band.high:.3f}"
        yield f"| {one.other} | {one.less:.3f} | {band} | {'shown' if one.won else 'not shown'} |"


def _text(name: str) -> str:
    return (files("unlearning.testbed") / name).read_text(encoding="utf-8").rstrip("\n")


def _columns() -> Mapping[str, Read]:
    return {
        "forget": lambda row, _: row.figures.forget,
        "retain": lambda row, _: row.figures.retain,
        "MIA": lambda row, _: row.figures.membership,
        "forget quality": lambda row, gold: row.figures.quality(gold.figures),
        "relearn": lambda row, _: row.figures.relearnt,
        "4 bit": lambda row, _: row.figures.four_bit,
        "in context": lambda row, _: row.figures.in_context,
        "steps": lambda row, _: row.steps,
        "seconds": lambda row, _: row.seconds,
    }


def _cell(values: Sequence[float]) -> str:
    """The mean, with the range where there is one."""
    low, middle, high = (_short(one) for one in (min(values), mean(values), max(values)))
    return middle if low == high else f"{middle} [{low} to {high}]"


def _short(value: float) -> str:
    if value and abs(value) < 0.001:
        return f"{value:.0e}"
    return f"{value:.0f}" if value >= 10 else f"{value:.3f}"


def _verdicts(rows: Sequence[Row], golds: Golds) -> str:
    if rows[0].method in (FULL, GOLD):
        return ""
    found = [judged(row, golds[row.seed]) for row in rows]
    counts = [(found.count(verdict), verdict) for verdict in Verdict if verdict in found]
    return ", ".join(f"{verdict} ({count} of {len(found)})" for count, verdict in counts)


def _told(row: Row, gold: Row) -> dict[str, Any]:
    told = asdict(row)
    told["figures"] |= {"quality": row.figures.quality(gold.figures), "relearnt": row.figures.relearnt}
    # Item by item they are in the cache.
    del told["figures"]["ratios"], told["figures"]["back"]
    return told
