"""The report for people who read Markdown."""

from collections.abc import Iterator, Sequence
from importlib.resources import files

from evaluation.report_words import SIGNS, Table


def markdown(title: str, summary: str, notes: Sequence[str], tables: Sequence[Table]) -> str:
    legend = ", ".join(f"{sign} {verdict}" for verdict, sign in SIGNS.items())
    parts = [f"# {title}", summary, *notes, f"Signs: {legend}."]
    parts += ["\n".join(_table(one)) for one in tables]
    return "\n\n".join([*parts, "## How it was measured", method().strip()]) + "\n"


def method() -> str:
    """How figures are made, in the words that every report carries."""
    return (files("evaluation") / "report_method.md").read_text(encoding="utf-8")


def _table(table: Table) -> Iterator[str]:
    judged = any(verdict is not None for _, verdict in table.rows)
    yield f"## {table.title}\n\n{table.note}\n"
    yield _line((*table.head, *(("verdict",) if judged else ())))
    yield "|---|" + "---|" * (len(table.head) - 1 + judged)
    for cells, verdict in table.rows:
        yield _line((*cells, *((f"{SIGNS[verdict]} {verdict}",) if verdict is not None else ())))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
