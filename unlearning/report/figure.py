"""One number of a report, beside what it has to be compared with.

Rule: a number is judged only where there is a band from something else than the number's own model; without
one it is told and not judged.
"""

from dataclasses import dataclass
from enum import StrEnum

from unlearning.metrics.null_band import Band


class Group(StrEnum):
    MEMORY = "When asked"
    UTILITY = "What must still be known"
    MEMBERSHIP = "Whether it shows what was learnt"
    ROUNDED = "With rounded weights"
    TAUGHT = "When others are taught again"
    CONTEXT = "After a context"
    DEPTH = "Layer by layer"


class Basis(StrEnum):
    """Where a band comes from."""

    GOLD = "gold beside gold"
    HOLDOUT = "a holdout that was never learnt"
    CHANCE = "chance"
    BUDGET = "what the recipe may cost"


@dataclass(frozen=True, slots=True)
class Figure:
    """Of the model before, after, and of gold where there is one. `band`: where it lies if nothing is
    left."""

    group: Group
    name: str
    before: float
    after: float
    gold: float | None = None
    band: Band | None = None
    basis: Basis | None = None

    @property
    def within(self) -> bool | None:
        return None if self.band is None else self.band.holds(self.after)
