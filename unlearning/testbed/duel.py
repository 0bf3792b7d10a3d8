"""Of two methods, whose forgotten facts come back less: fact by fact, on the same seeds.

Rules: only methods that forgot and kept the rest on every seed are set beside each other; the difference of a
fact is its mean over the seeds, and facts are what is drawn again, so that a bound above zero is no matter of
which facts they were.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from unlearning.metrics.bootstrap import mean_band
from unlearning.metrics.null_band import Band
from unlearning.testbed.row import Row
from unlearning.testbed.verdict import Verdict, judged

_UNFIT: Final = frozenset({Verdict.LEAKS, Verdict.DEAR})


@dataclass(frozen=True, slots=True)
class Duel:
    """`less`: by how much less came back at `method` than at `other`, with the band that it keeps in 95 %."""

    method: str
    other: str
    less: float
    band: Band

    @property
    def won(self) -> bool:
        return self.band.low > 0


def duels(rows: Sequence[Row], golds: Mapping[int, Row]) -> list[Duel]:
    """Every fit method beside the fit one of which least comes back."""
    back = {method: _back(some) for method, some in _fit(rows, golds).items()}
    best = min(back, key=lambda method: float(back[method].mean()), default=None)
    return [duel(best, method, back) for method in back if best is not None and method != best]


def duel(method: str, other: str, back: Mapping[str, NDArray[np.float64]]) -> Duel:
    differences = back[other] - back[method]
    return Duel(method, other, float(differences.mean()), mean_band(differences, np.random.default_rng(0)))


def _fit(rows: Sequence[Row], golds: Mapping[int, Row]) -> Mapping[str, Sequence[Row]]:
    """Methods alone: of a model that was trained, the seed says how, not the method."""
    tried = {row.method: [one for one in rows if one.method == row.method] for row in rows if row.steps}
    return {
        method: some
        for method, some in tried.items()
        if _UNFIT.isdisjoint(judged(one, golds[one.seed]) for one in some)
    }


def _back(rows: Sequence[Row]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.mean(
        [row.figures.back for row in sorted(rows, key=lambda row: row.seed)], axis=0
    )
    return mean
