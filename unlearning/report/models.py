"""What each model of a report was found to know, and how a figure of them is judged.

Rule: with two golds a figure is judged by how far they differ; with fewer, by a holdout that was asked the
same. A figure that has neither beside it is told and not judged.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unlearning.metrics.null_band import Band
from unlearning.report.bands import as_gold, as_holdout
from unlearning.report.figure import Basis, Figure, Group
from unlearning.report.measured import Measured

Values = NDArray[np.float64] | NDArray[np.bool_]
Read = Callable[[Measured], Values]
_SEED = 0


@dataclass(frozen=True, slots=True)
class Models:
    """Of the model before and after unlearning, and of up to two that never learnt what is to be
    forgotten."""

    before: Measured
    after: Measured
    gold: Measured | None = None
    second: Measured | None = None

    def __post_init__(self) -> None:
        others = [one for one in (self.before, self.gold, self.second) if one is not None]
        if any(one.ids != self.after.ids for one in others):
            raise ValueError("expected every model to be asked about the same items")

    def judged(self, group: Group, name: str, read: Read, holdout: Values | None = None) -> Figure:
        """The mean of what is read of each model, each from 0 to 1. What is low has nothing left to show."""
        before, after = _mean(read(self.before)), _mean(read(self.after))
        chance = np.random.default_rng(_SEED)
        if self.gold is None:
            if holdout is None or not len(holdout):
                return Figure(group, name, before, after)
            band = _up_to(as_holdout(_floats(holdout), len(self.after.ids)))
            return Figure(group, name, before, after, None, band, Basis.HOLDOUT)
        gold = _floats(read(self.gold))
        if self.second is None:
            return Figure(group, name, before, after, _mean(gold))
        band = _up_to(as_gold(gold, _floats(read(self.second)), chance))
        return Figure(group, name, before, after, _mean(gold), band, Basis.GOLD)


def _up_to(band: Band) -> Band:
    return Band(0.0, min(1.0, band.high))


def _floats(values: Values) -> NDArray[np.float64]:
    return values.astype(np.float64)


def _mean(values: Values) -> float:
    return float(values.mean())
