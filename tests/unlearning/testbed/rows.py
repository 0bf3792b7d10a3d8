"""Rows of a table, made up."""

from dataclasses import replace

from unlearning.testbed.figures import Figures
from unlearning.testbed.row import Row

GOLD = Row(
    "gold", 0, 0.0, "trained", 0, 0.0, Figures(0.03, 1.0, 0.03, 0.5, 0.03, 0.03, (False,) * 20, (0.0,) * 20)
)


def row(forget: float = 0.05, retain: float = 0.99, back: int = 3) -> Row:
    """Of a method: so many of twenty facts came back."""
    came = tuple(place < back for place in range(20))
    return replace(GOLD, method="wga", figures=replace(GOLD.figures, forget=forget, retain=retain, back=came))
