"""A report for people who read Markdown."""

from collections.abc import Iterable, Sequence

from evaluation.report_table import Mark, Table, as_markdown


def markdown(
    title: str,
    summary: str,
    notes: Sequence[str],
    marks: Iterable[Mark],
    tables: Sequence[Table],
    method: str,
) -> str:
    parts = [f"# {title}", summary, *notes, f"Signs: {', '.join(map(str, marks))}."]
    parts += map(as_markdown, tables)
    return "\n\n".join([*parts, "## How it was measured", method.strip()]) + "\n"
