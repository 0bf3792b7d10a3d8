"""The report as one page: nothing is fetched, nothing runs, and it reads in light and in dark.

The rule: whatever stands in it was escaped; the page forbids itself all else than its own style.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from string import Template

from evaluation.report import Report
from evaluation.report_chart import CLASSES, chart
from evaluation.report_markdown import method
from evaluation.report_verdict import Verdict
from evaluation.report_words import GROUPS, SIGNS, Table


def page(
    title: str,
    summary: str,
    notes: Sequence[str],
    report: Report,
    tables: Sequence[Table],
    ks: Sequence[int],
    bar: float | None,
) -> str:
    template = Template((files("evaluation") / "report_page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=escape(title),
        summary=escape(summary),
        notes="\n".join(f'<p class="soft">{_marked(one)}</p>' for one in notes),
        tiles="".join(_tiles(report)),
        charts="\n".join(_charts(report, ks, bar)),
        tables="\n".join(_table(one) for one in tables),
        method="\n".join(f"<p>{_marked(one)}</p>" for one in method().strip().split("\n\n")),
    )


def _marked(text: str) -> str:
    """The little of Markdown that our own words use."""
    bold = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text))
    return re.sub(r"`(.+?)`", r"<code>\1</code>", bold)


def _tiles(report: Report) -> Iterator[str]:
    for verdict in Verdict:
        if count := report.verdicts.count(verdict):
            yield f'<li class="{CLASSES[verdict]}"><b>{SIGNS[verdict]} {count}</b>{verdict}</li>'


def _charts(report: Report, ks: Sequence[int], bar: float | None) -> Iterator[str]:
    """For the least k, which every row has the tries for."""
    for group, title in GROUPS.items():
        rows = [one for one in report.rows if one.group == group]
        if rows and ks:
            said = f"Group {group}: {title}, leaks within {_tries(min(ks))}"
            drawn = chart(rows, min(ks), bar)
            yield f'<figure><figcaption>{escape(said)}</figcaption><div class="wide">{drawn}</div></figure>'


def _tries(k: int) -> str:
    return "one try" if k == 1 else f"{k} tries"


def _table(table: Table) -> str:
    judged = any(verdict is not None for _, verdict in table.rows)
    head = "".join(f"<th>{escape(name)}</th>" for name in (*table.head, *(("verdict",) if judged else ())))
    rows = "\n".join(_row(cells, verdict) for cells, verdict in table.rows)
    return (
        f"<h2>{escape(table.title)}</h2>\n<p class='soft'>{escape(table.note)}</p>\n"
        f"<div class='wide'><table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table></div>"
    )


def _row(cells: Sequence[str], verdict: Verdict | None) -> str:
    texts = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    if verdict is None:
        return f"<tr>{texts}</tr>"
    return f'<tr class="{CLASSES[verdict]}">{texts}<td class="verdict">{SIGNS[verdict]} {verdict}</td></tr>'
