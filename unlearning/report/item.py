"""What became of one thing that was to be forgotten.

Rule: what comes back in any way was suppressed and no more; what comes back in none is not seen again,
which is no proof. Both words stand for what the tests saw, not for what the model holds.
"""

from dataclasses import dataclass
from enum import StrEnum

from unlearning.report.asked import entry_of


class Way(StrEnum):
    """By which an item came out of the model after unlearning."""

    ASKED = "asked"
    CONTEXT = "in context"
    ROUNDED = "rounded"
    TAUGHT = "taught"


class Outcome(StrEnum):
    SAID = "still said"
    SUPPRESSED = "suppressed"
    UNSEEN = "not seen again"
    UNKNOWN = "never said"


@dataclass(frozen=True, slots=True)
class Item:
    """`known`: whether the model said it before. Extraction strength and probability, before and after."""

    id: str
    known: bool
    ways: tuple[Way, ...]
    strength: tuple[float, float]
    likely: tuple[float, float]

    @property
    def entry(self) -> str:
        return entry_of(self.id)

    @property
    def outcome(self) -> Outcome:
        if Way.ASKED in self.ways:
            return Outcome.SAID
        if self.ways:
            return Outcome.SUPPRESSED
        return Outcome.UNSEEN if self.known else Outcome.UNKNOWN

    @property
    def residual(self) -> bool:
        """Whether the gateway has to go on guarding it whatever else is decided."""
        return bool(self.ways)
