"""A report as one page: nothing is fetched, nothing runs, and it reads in light and in dark.

The rule: whatever stands in it was escaped, what is drawn by who drew it; the page forbids itself all else
than its own style.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from string import Template

from evaluation.report_table import Mark, Table, as_html


def page(
    title: str,
    summary: str,
    notes: Sequence[str],
    counts: Iterable[tuple[int, Mark]],
    drawn: Iterable[tuple[str, str]],
    tables: Sequence[Table],
    method: str,
) -> str:
    """`drawn` are captions with their SVG; `counts` are shown where they are not zero."""
    template = Template((files("evaluation") / "report_page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=escape(title),
        summary=escape(summary),
        notes="\n".join(f'<p class="soft">{_styled(one)}</p>' for one in notes),
        tiles="".join(_tile(count, mark) for count, mark in counts if count),
        charts="\n".join(_figure(caption, svg) for caption, svg in drawn),
        tables="\n".join(map(as_html, tables)),
        method="\n".join(f"<p>{_styled(one)}</p>" for one in method.strip().split("\n\n")),
    )


def _styled(text: str) -> str:
    """The little of Markdown that our own words use."""
    bold = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text))
    return re.sub(r"`(.+?)`", r"<code>\1</code>", bold)


def _tile(count: int, mark: Mark) -> str:
    return f'<li class="{mark.kind}"><b>{escape(mark.sign)} {count}</b>{escape(mark.words)}</li>'


def _figure(caption: str, svg: str) -> str:
    return f'<figure><figcaption>{escape(caption)}</figcaption><div class="wide">{svg}</div></figure>'
