"""Whether a figure meets its bar, and whether it could have missed it.

The rule: a bar is met only by what could have failed: a row that leaks nothing without Unsay either, that was
tried too rarely, or that failed to be tried shows nothing.
"""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    MET = "met"
    MISSED = "missed"
    FAILURES = "failures"
    FEW = "too few tries"
    IDLE = "not exercised"
    NO_BAR = "no bar"

    @property
    def status(self) -> int:
        """Of the process: 1 for a bar that was missed, 3 for one of which too little is known."""
        match self:
            case Verdict.MISSED | Verdict.FAILURES:
                return 1
            case Verdict.FEW:
                return 3
            case _:
                return 0


_WORST = (Verdict.MISSED, Verdict.FAILURES, Verdict.FEW, Verdict.MET, Verdict.IDLE, Verdict.NO_BAR)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """What they come to together."""
    return min(verdicts, key=_WORST.index, default=Verdict.NO_BAR)


def status(verdicts: Iterable[Verdict]) -> int:
    """0 if every bar is met; a run in which nothing was shown is not one that met its bars."""
    found = worst(verdicts)
    return found.status if found in _WORST[:4] else 3
