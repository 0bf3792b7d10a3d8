"""Model utility: whether a model still knows what it should (TOFU, arXiv 2401.06121, section 2.2.1).

Rule: the harmonic mean, so that one thing lost is not made up for by the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import harmonic_mean


@dataclass(frozen=True, slots=True)
class Kept:
    """The means of one set: retained questions, real authors, world facts."""

    probability: float
    rouge: float
    truth: float

    def parts(self) -> tuple[float, float, float]:
        return self.probability, self.rouge, self.truth


def model_utility(sets: Sequence[Kept]) -> float:
    """Zero where any part is."""
    return harmonic_mean([part for one in sets for part in one.parts()])
