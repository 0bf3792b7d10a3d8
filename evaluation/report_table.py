"""A table of texts whose rows may be marked, the same in Markdown and on a page.

Rule: colour never stands alone; a mark is a sign and words, too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape


class Kind(StrEnum):
    """By which of the page's colours a mark is drawn."""

    GOOD = "met"
    BAD = "missed"
    DOUBT = "few"
    NOTHING = "idle"


@dataclass(frozen=True, slots=True)
class Mark:
    sign: str
    words: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.sign} {self.words}"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts; each row may have a mark, which is its last column."""

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], Mark | None], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        marked = any(mark is not None for _, mark in self.rows)
        return (*self.head, "verdict") if marked else self.head


def as_markdown(table: Table) -> str:
    rows = [(*cells, *((str(mark),) if mark is not None else ())) for cells, mark in table.rows]
    rule = "|" + "---|" * len(table.columns)
    return "\n".join([f"## {table.title}\n\n{table.note}\n", _line(table.columns), rule, *map(_line, rows)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def as_html(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    return (
        f"<h2>{escape(table.title)}</h2>\n<p class='soft'>{escape(table.note)}</p>\n"
        f"<div class='wide'><table><thead><tr>{head}</tr></thead>\n"
        f"<tbody>{chr(10).join(_html_rows(table))}</tbody></table></div>"
    )


def _html_rows(table: Table) -> Iterator[str]:
    for cells, mark in table.rows:
        texts = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        if mark is None:
            yield f"<tr>{texts}</tr>"
        else:
            yield f'<tr class="{mark.kind}">{texts}<td class="verdict">{escape(str(mark))}</td></tr>'
