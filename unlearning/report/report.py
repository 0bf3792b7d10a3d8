"""What a report says: what became of each item, the figures, and how things come back.

Rule: everything in it is a number, an id or one of its own words.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from unlearning.metrics.relearning import Curve
from unlearning.report.figure import Figure
from unlearning.report.item import Item, Outcome, Way

NOT_ASKED: Final = "not asked"


@dataclass(frozen=True, slots=True)
class Report:
    """`model` is the name under which the unlearned model is asked. `curves`: of relearning, by whose.
    `unasked`: items that were to be forgotten as well. `guessed`: the share of the holdout that came out,
    by chance."""

    model: str
    method: str
    items: tuple[Item, ...]
    figures: tuple[Figure, ...]
    curves: Mapping[str, Curve]
    unasked: tuple[str, ...] = ()
    guessed: float | None = None

    @property
    def residual(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.residual)

    def outcomes(self) -> Counter[Outcome]:
        return Counter(item.outcome for item in self.items)

    def ways(self) -> Counter[Way]:
        return Counter(way for item in self.items for way in item.ways)

    def residual_entries(self) -> Mapping[str, tuple[Item, ...]]:
        """The residual items of each entry that has any, in order."""
        found: dict[str, list[Item]] = {}
        for item in self.residual:
            found.setdefault(item.entry, []).append(item)
        return {entry: tuple(items) for entry, items in found.items()}

    def guarded(self) -> Mapping[str, tuple[str, ...]]:
        """What has to stay guarded: items that came back, with the ways, and those that were not asked
        about."""
        back = {item.id: tuple(map(str, item.ways)) for item in self.residual}
        return back | dict.fromkeys(self.unasked, (NOT_ASKED,))
