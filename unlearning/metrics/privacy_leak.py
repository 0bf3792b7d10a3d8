"""PrivLeak: whether membership inference tells the forget set from unseen text more than it does at gold.

100 * (A - A_gold) / A_gold with the AUC of Min-K in which unseen text is the positive class (MUSE, arXiv
2407.06460, section 3.2): about -100 where the forget set is still known for learnt, above zero where it was
driven further down than unseen text. Rule: a figure is told beside its null band, for two models that are
both gold differ, too: on some sixty items by twenty.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unlearning.metrics.membership import auc
from unlearning.metrics.null_band import Band, null_band

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Guesses:
    """One model's Min-K scores of the forget set and of unseen text of the same kind."""

    forget: Floats
    unseen: Floats

    @property
    def unseen_auc(self) -> float:
        return auc(self.unseen, self.forget)

    def drawn(self, forget: NDArray[np.intp], unseen: NDArray[np.intp]) -> "Guesses":
        return Guesses(self.forget[forget], self.unseen[unseen])


def privacy_leak(model: Guesses, gold: Guesses) -> float:
    if not gold.unseen_auc:
        raise ValueError("expected a gold model that doesn't know all of the forget set for learnt")
    return 100 * (model.unseen_auc / gold.unseen_auc - 1)


def leak_band(
    gold: Guesses, second: Guesses, rng: np.random.Generator, draws: int = 1000, level: float = 0.95
) -> Band:
    """Where the figure lies for a second gold: of the same items, drawn again with replacement."""

    def draw() -> float:
        forget = rng.integers(len(gold.forget), size=len(gold.forget))
        unseen = rng.integers(len(gold.unseen), size=len(gold.unseen))
        pair = gold.drawn(forget, unseen), second.drawn(forget, unseen)
        # Neither is the truth more than the other.
        one, other = pair if rng.random() < 0.5 else pair[::-1]
        # By gold's own AUC: that of few items drawn again may be zero.
        return 100 * (one.unseen_auc - other.unseen_auc) / gold.unseen_auc

    return null_band(draw, draws, level)
