"""The table as a drawing: what each method lets come back, beside what came back at gold.

Rule: a method that leaks or loses what must stay is drawn hollow: little comes back where little is left.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from statistics import mean
from typing import Final

from unlearning.testbed.row import Row
from unlearning.testbed.verdict import Verdict, judged

LEFT: Final = 150
WIDTH: Final = 480
LINE: Final = 18
UNFIT: Final = frozenset({Verdict.LEAKS, Verdict.DEAR})


def plot(rows: Sequence[Row], golds: Mapping[int, Row]) -> str:
    """SVG, a line a method, those first of which least comes back."""
    tried: dict[str, list[Row]] = {}
    for row in rows:
        if row.outcome != "trained":
            tried.setdefault(row.method, []).append(row)
    order = sorted(tried, key=lambda method: mean(row.figures.relearnt for row in tried[method]))
    height = LINE * (len(order) + 3)
    gold = _across(mean(row.figures.relearnt for row in golds.values()))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 30} {height}" '
            'font-family="sans-serif" font-size="11">',
            f'<rect width="{LEFT + WIDTH + 30}" height="{height}" fill="white"/>',
            *_scale(height),
            f'<path d="M{gold:.1f} {LINE} V{height - 2 * LINE}" stroke="#1a7f37"/>',
            f'<text x="{gold + 4:.1f}" y="{LINE - 5}" fill="#1a7f37">really trained without</text>',
            *(line for place, method in enumerate(order) for line in _method(tried[method], golds, place)),
            "</svg>\n",
        ]
    )


def _scale(height: int) -> Iterator[str]:
    for tenth in range(0, 11, 2):
        x, y = _across(tenth / 10), height - LINE
        yield f'<path d="M{x:.1f} {LINE} V{y - LINE}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{tenth * 10} %</text>'
    yield (
        f'<text x="{LEFT}" y="{height - 3}">of the untaught, back after others were taught again; '
        "hollow: still tells, or loses what must stay</text>"
    )


def _method(rows: Sequence[Row], golds: Mapping[int, Row], place: int) -> Iterator[str]:
    found = [row.figures.relearnt for row in rows]
    unfit = any(judged(row, golds[row.seed]) in UNFIT for row in rows)
    y, colour = LINE * (place + 2) - 6, "#999" if unfit else "#0550ae"
    low, middle, high = (_across(one) for one in (min(found), mean(found), max(found)))
    yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{escape(rows[0].method)}</text>'
    yield f'<path d="M{low:.1f} {y} H{high:.1f}" stroke="{colour}" stroke-width="2"/>'
    fill = "white" if unfit else colour
    yield f'<circle cx="{middle:.1f}" cy="{y}" r="4" fill="{fill}" stroke="{colour}"/>'


def _across(share: float) -> float:
    return LEFT + WIDTH * share
