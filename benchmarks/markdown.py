"""A table in Markdown."""

from collections.abc import Iterator, Sequence

Rows = Iterator[Sequence[str]]


def table(head: Sequence[str], rows: Rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
