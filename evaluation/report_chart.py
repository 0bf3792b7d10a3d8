"""Rows as dots in an SVG of the page: what leaks without Unsay, with it, and at most above the floor.

The rule: colour never stands alone; each row carries its sign and its figures, and the page's own colours are
used, so that it reads in light and in dark.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from evaluation.report import Report
from evaluation.report_leaks import Leaks
from evaluation.report_verdict import Verdict
from evaluation.report_words import GROUPS, MARKS, percent

LINE, TOP, BOTTOM = 22, 46, 8
NAMES, SHARES, GAP, BOUNDS, EDGE = 330, 260, 40, 200, 70
WIDTH: Final = NAMES + SHARES + GAP + BOUNDS + EDGE
MOST_BOUND: Final = 0.1


def charts(report: Report, ks: Sequence[int], bar: float | None) -> Iterator[tuple[str, str]]:
    """Each group with its caption, for the least k, which every row has the tries for."""
    for group, title in GROUPS.items():
        rows = [one for one in report.rows if one.group == group]
        if rows and ks:
            tries = "one try" if min(ks) == 1 else f"{min(ks)} tries"
            yield f"Group {group}: {title}, leaks within {tries}", chart(rows, min(ks), bar)


def chart(rows: Sequence[Leaks], k: int, bar: float | None) -> str:
    """One line a row, for leaks within k tries."""
    height = TOP + LINE * len(rows) + BOTTOM
    label = f"leaks within {k} tries, by attack"
    head = f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">'
    parts = [head, *_axes(height, bar)]
    for place, row in enumerate(rows):
        parts += _line(row, k, TOP + LINE * place)
    return "\n".join([*parts, "</svg>"])


def _axes(height: int, bar: float | None) -> Iterator[str]:
    yield f'<text class="head" x="{NAMES}" y="14">people who leak: ○ without Unsay, ● with</text>'
    yield f'<text class="head" x="{NAMES + SHARES + GAP}" y="14">upper 95 % bound above the floor</text>'
    for share in (0, 0.25, 0.5, 0.75, 1):
        yield from _tick(_at_share(share), percent(share, 0), height, "axis")
    for bound in (0, MOST_BOUND / 2, MOST_BOUND):
        yield from _tick(
            _at_bound(bound), percent(bound, 0) + ("+" if bound == MOST_BOUND else ""), height, "axis"
        )
    if bar is not None and bar <= MOST_BOUND:
        yield from _tick(_at_bound(bar), percent(bar, 0), height, "bar")


def _tick(x: float, text: str, height: int, kind: str) -> Iterator[str]:
    yield f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - BOTTOM}"/>'
    yield f'<text class="tick" x="{x:.1f}" y="{TOP - 14}" text-anchor="middle">{text}</text>'


def _at_share(share: float) -> float:
    return NAMES + share * SHARES


def _at_bound(bound: float) -> float:
    return NAMES + SHARES + GAP + min(bound, MOST_BOUND) / MOST_BOUND * BOUNDS


def _line(row: Leaks, k: int, top: int) -> Iterator[str]:
    found = next((one for one in row.within if one.k == k), None)
    verdict = Verdict.IDLE if found is None else found.verdict
    y, mark = top + LINE / 2, MARKS[verdict]
    name = f"{mark.sign} {row.name}"
    yield f'<g class="{mark.kind}"><title>{escape(f"{row.name}: {verdict}")}</title>'
    yield f'<text class="name" x="{NAMES - 12}" y="{y + 4}" text-anchor="end">{escape(_short(name))}</text>'
    if row.bare is not None:
        yield f'<circle class="bare" cx="{_at_share(row.bare):.1f}" cy="{y}" r="4.5"/>'
    if found is not None:
        end, tip = _at_bound(0), _at_bound(found.upper)
        yield f'<circle class="dot" cx="{_at_share(found.value):.1f}" cy="{y}" r="4.5"/>'
        yield f'<rect class="bound" x="{end:.1f}" y="{y - 5}" width="{max(1.0, tip - end):.1f}" height="10"/>'
        yield f'<text class="value" x="{tip + 6:.1f}" y="{y + 4}">{percent(found.upper)}</text>'
    yield "</g>"


def _short(name: str, most: int = 48) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
