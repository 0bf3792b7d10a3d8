"""A row is judged beside gold's, and the best verdict is no proof."""

import pytest

from tests.unlearning.testbed.rows import GOLD, row
from unlearning.testbed.row import Row
from unlearning.testbed.verdict import Verdict, judged


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (row(), Verdict.NOT_FLAGGED),
        (row(back=5), Verdict.RELEARNS),
        (row(back=5, retain=0.9), Verdict.DEAR),
        (row(back=5, retain=0.9, forget=0.09), Verdict.LEAKS),
    ],
)
def test_the_worst_that_a_row_shows_is_its_verdict(one: Row, verdict: Verdict) -> None:
    assert judged(one, GOLD) is verdict


def test_no_verdict_says_erased() -> None:
    assert not any("eras" in verdict for verdict in Verdict)
    assert judged(GOLD, GOLD) is Verdict.NOT_FLAGGED
