"""Bars as SVG, drawn by hand: the picture of the page needs no library and reads in light and in dark.

Rule: every bar stands with its figure beside it, so that the picture alone can be quoted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT = 760, 190, 90
LINE, GAP, TITLE = 20, 6, 30
COLOUR, OTHERS = "#2f6fab", "#9aa5b1"


@dataclass(frozen=True, slots=True)
class Bars:
    """One group: names and values; the values of `ours` are drawn in the colour of this project."""

    title: str
    values: Sequence[tuple[str, float]]
    ours: frozenset[str]
    digits: int = 0


def svg(groups: Sequence[Bars]) -> str:
    height = sum(_height(group) for group in groups)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    style = "<style>text{font:13px sans-serif;fill:#667}.t{font-weight:bold;font-size:14px}</style>"
    parts, top = [head, style], 0
    for group in groups:
        parts += _group(group, top)
        top += _height(group)
    return "\n".join([*parts, "</svg>", ""])


def _height(group: Bars) -> int:
    return TITLE + len(group.values) * (LINE + GAP) + GAP


def _group(group: Bars, top: int) -> list[str]:
    longest = max(value for _, value in group.values) or 1.0
    parts = [f'<text class="t" x="0" y="{top + 20}">{escape(group.title)}</text>']
    for place, (name, value) in enumerate(group.values):
        y = top + TITLE + place * (LINE + GAP)
        width = max(1.0, value / longest * (WIDTH - LEFT - RIGHT))
        colour = COLOUR if name in group.ours else OTHERS
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{LINE}" fill="{colour}"/>',
            f'<text x="{LEFT + width + 6:.1f}" y="{y + 15}">{value:,.{group.digits}f}</text>',
        ]
    return parts
