"""The report's two drawings, in SVG: figures before and after, and how the untaught comes back.

Rule: colour never stands alone: shapes tell before from after, dashes and names tell lines.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from evaluation.report_table import Kind
from unlearning.metrics.relearning import Curve
from unlearning.report.figure import Figure
from unlearning.report.report import Report
from unlearning.report.words import WITHIN, digits

NAMES, PLOT, EDGE, LINE, TOP, BOTTOM = 330, 420, 150, 24, 40, 12
HEIGHT: Final = 220
LINES: Final = {
    "before": (Kind.NOTHING, "2 3"),
    "unlearned": (Kind.BAD, ""),
    "gold": (Kind.GOOD, "7 4"),
}


def drawings(report: Report) -> Iterator[tuple[str, str]]:
    """Captions with SVG. Of figures, those from 0 to 1."""
    shown = [one for one in report.figures if all(0 <= value <= 1 for value in (one.before, one.after))]
    if shown:
        yield "Before (○), after (●), gold (◇), and the band", _figures(shown)
    if report.curves:
        yield "Answers known that were not taught, by steps of teaching others", _curves(report.curves)


def _figures(figures: Sequence[Figure]) -> str:
    height = TOP + LINE * len(figures) + BOTTOM
    parts = [_head(height, "figures before and after"), *_scale(height)]
    for place, figure in enumerate(figures):
        parts += _figure(figure, TOP + LINE * place + LINE / 2)
    return "\n".join([*parts, "</svg>"])


def _head(height: int, label: str) -> str:
    return f'<svg viewBox="0 0 {NAMES + PLOT + EDGE} {height}" role="img" aria-label="{label}">'


def _scale(height: int) -> Iterator[str]:
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = _across(share)
        yield f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - BOTTOM}"/>'
        yield f'<text class="tick" x="{x:.1f}" y="{TOP - 14}" text-anchor="middle">{share}</text>'


def _across(share: float) -> float:
    return NAMES + min(1.0, max(0.0, share)) * PLOT


def _figure(figure: Figure, y: float) -> Iterator[str]:
    mark = WITHIN[figure.within]
    name = f"{mark.sign} {figure.group}: {figure.name}"
    yield f'<g class="{mark.kind}"><title>{escape(name)}</title>'
    short = name if len(name) <= 50 else f"{name[:49]}…"
    yield f'<text class="name" x="{NAMES - 12}" y="{y + 4}" text-anchor="end">{escape(short)}</text>'
    if figure.band is not None:
        low, high = _across(figure.band.low), _across(figure.band.high)
        width = max(2.0, high - low)
        yield f'<rect class="bound" x="{low:.1f}" y="{y - 8}" width="{width:.1f}" height="16" opacity=".25"/>'
    yield f'<circle class="bare" cx="{_across(figure.before):.1f}" cy="{y}" r="4.5"/>'
    if figure.gold is not None and 0 <= figure.gold <= 1:
        x = _across(figure.gold)
        yield f'<path class="bare" d="M{x - 5:.1f} {y}L{x:.1f} {y - 5}L{x + 5:.1f} {y}L{x:.1f} {y + 5}Z"/>'
    yield f'<circle class="dot" cx="{_across(figure.after):.1f}" cy="{y}" r="4.5"/>'
    yield f'<text class="value" x="{NAMES + PLOT + 10}" y="{y + 4}">{digits(figure.after)}</text></g>'


def _curves(curves: Mapping[str, Curve]) -> str:
    last = max(curve.points[-1].step for curve in curves.values()) or 1
    parts = [_head(HEIGHT, "relearning"), *_grid(last)]
    for name, curve in curves.items():
        parts += _line(name, [(point.step / last, point.held_out) for point in curve.points])
    return "\n".join([*parts, "</svg>"])


def _grid(last: int) -> Iterator[str]:
    for share in (0, 0.5, 1):
        y = _down(share)
        yield f'<line class="axis" x1="{NAMES}" x2="{NAMES + PLOT}" y1="{y}" y2="{y}"/>'
        yield f'<text class="tick" x="{NAMES - 8}" y="{y + 4}" text-anchor="end">{share}</text>'
    yield f'<text class="tick" x="{NAMES + PLOT}" y="{HEIGHT - 4}" text-anchor="end">{last} steps</text>'


def _down(share: float) -> float:
    return TOP + (1 - share) * (HEIGHT - TOP - 30)


def _line(name: str, points: Sequence[tuple[float, float]]) -> Iterator[str]:
    kind, dashes = LINES[name]
    places = " ".join(f"{_across(x):.1f},{_down(y):.1f}" for x, y in points)
    style = f"fill:none;stroke:var(--kind);stroke-width:2;stroke-dasharray:{dashes or 'none'}"
    yield f'<g class="{kind}"><title>{escape(name)}</title><polyline points="{places}" style="{style}"/>'
    yield f'<text class="name" x="{NAMES + PLOT + 8}" y="{_down(points[-1][1]) + 4:.1f}">{name}</text></g>'
