"""A row is judged beside gold's, and the best verdict is no proof."""

from dataclasses import replace

import pytest

from unlearning.testbed.figures import Figures
from unlearning.testbed.row import Row
from unlearning.testbed.verdict import Verdict, judged

GOLD = Row(
    "gold", 0, 0.0, "trained", 0, 0.0, Figures(0.03, 1.0, 0.03, 0.5, 0.03, 0.03, (False,) * 20, (0.0,) * 20)
)


def row(forget: float = 0.05, retain: float = 0.99, back: int = 3) -> Row:
    came = tuple(place < back for place in range(20))
    return replace(GOLD, method="wga", figures=replace(GOLD.figures, forget=forget, retain=retain, back=came))


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (row(), Verdict.LIKE_GOLD),
        (row(back=5), Verdict.RELEARNS),
        (row(back=5, retain=0.9), Verdict.DEAR),
        (row(back=5, retain=0.9, forget=0.09), Verdict.LEAKS),
    ],
)
def test_the_worst_that_a_row_shows_is_its_verdict(one: Row, verdict: Verdict) -> None:
    assert judged(one, GOLD) is verdict


def test_no_verdict_says_erased() -> None:
    assert not any("eras" in verdict for verdict in Verdict)
    assert judged(GOLD, GOLD) is Verdict.LIKE_GOLD
