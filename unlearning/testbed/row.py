"""One row of the table: a method, or a model that was trained, on one seed."""

from dataclasses import dataclass
from typing import Any, Self

from unlearning.testbed.figures import Figures


@dataclass(frozen=True, slots=True)
class Row:
    method: str
    seed: int
    rate: float
    outcome: str
    steps: int
    seconds: float
    figures: Figures

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """From what JSON makes of a row."""
        figures: dict[str, Any] = dict(told["figures"])
        lists: dict[str, Any] = {name: tuple(figures.pop(name)) for name in ("back", "ratios")}
        return cls(**{**told, "figures": Figures(**figures, **lists)})
