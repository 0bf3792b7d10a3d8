"""Forget efficacy: how little is left of the forgotten, by five figures (Closer Look, arXiv 2410.08109).

Rule: token entropy stays out, for an answer may be fluent and tell nothing.
"""

from dataclasses import astuple, dataclass
from statistics import fmean


@dataclass(frozen=True, slots=True)
class Left:
    """What is left on the forget set, each from 0 to 1. `truth` is the share of the right answer: 1 - the
    ratio."""

    rouge: float
    probability: float
    truth: float
    similarity: float
    entailment: float


def forget_efficacy(left: Left) -> float:
    return 1 - fmean(astuple(left))
