"""What is measured of every model of the testbed, in the same way of all.

Rule: a figure of one model means nothing; gold's stands beside it, and second gold's says what chance does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from unlearning.encoding import Coder, Encoded
from unlearning.metrics.forget_quality import forget_quality
from unlearning.metrics.membership import auc, min_k
from unlearning.metrics.relearning_run import Lessons, taught_again
from unlearning.metrics.rounding import rounded, to_nf4
from unlearning.metrics.scoring import Scored, accuracy, score
from unlearning.metrics.truth_ratio import log_ratios
from unlearning.testbed.world import Fact, World

Floats = NDArray[np.float64]
BATCH: Final = 128
# A quarter of the forgotten authors are taught again; the others are asked.
TAUGHT: Final = 0.25
LESSONS: Final = Lessons(steps=60, rate=5e-4, batch=16, every=20)


@dataclass(frozen=True, slots=True)
class Figures:
    """Accuracies are shares of facts whose telling words are all the likeliest where they stand.

    `membership`: 1 where forgotten texts are told from holdout texts as known ones, 0 as avoided ones.
    `back`: which forgotten facts came back that were not taught again. `four_bit`: forget accuracy with
    rounded weights; `in_context`: where the prompt tells the fact in other words.
    """

    forget: float
    retain: float
    holdout: float
    membership: float
    four_bit: float
    in_context: float
    back: tuple[bool, ...]
    ratios: tuple[float, ...]

    @property
    def relearnt(self) -> float:
        return sum(self.back) / len(self.back)

    def quality(self, gold: "Figures") -> float:
        """The p-value of forget quality: near 0 where truth ratios tell the model from gold."""
        return forget_quality(np.array(self.ratios), np.array(gold.ratios)).p


class Examiner:
    def __init__(self, world: World, coder: Coder) -> None:
        self._coder = coder
        self._forget = self._rows(world.forget)
        self._retain = self._rows(world.retain)
        self._holdout = self._rows(world.holdout)
        self._paraphrased = coder.encode_all(fact.paraphrase for fact in world.forget)
        self._wrong = coder.encode_all(wrong for fact in world.forget for wrong in fact.wrong)
        self._told = coder.encode_all(map(_told, world.forget))
        authors = list(dict.fromkeys(fact.author for fact in world.forget))
        again = set(authors[: max(1, round(TAUGHT * len(authors)))])
        taught = [fact.author in again for fact in world.forget]
        self._taught = [row for row, one in zip(self._forget, taught, strict=True) if one]
        self._asked = [row for row, one in zip(self._forget, taught, strict=True) if not one]

    def figures(self, model: Any) -> Figures:
        forget, holdout = _scored(model, self._forget), _scored(model, self._holdout)
        return Figures(
            forget=accuracy(forget),
            retain=accuracy(_scored(model, self._retain)),
            holdout=accuracy(holdout),
            membership=auc([min_k(one.logp) for one in forget], [min_k(one.logp) for one in holdout]),
            four_bit=accuracy(_scored(rounded(model, to_nf4()), self._forget)),
            in_context=accuracy(_scored(model, self._told)),
            back=self._back(model),
            ratios=tuple(self._ratios(model).tolist()),
        )

    def _back(self, model: Any) -> tuple[bool, ...]:
        """Where relearning brought back most of them: an attacker stops where it is best."""

        def known(_: int, pupil: Any) -> tuple[bool, ...]:
            return tuple(one.knows for one in _scored(pupil, self._asked))

        return max(taught_again(model, self._taught, LESSONS, known), key=sum)

    def _ratios(self, model: Any) -> Floats:
        right, wrong = _means(_scored(model, self._paraphrased)), _means(_scored(model, self._wrong))
        return log_ratios(right, wrong.reshape(len(right), -1))

    def _rows(self, facts: Sequence[Fact]) -> tuple[Encoded, ...]:
        return self._coder.encode_all(fact.sample for fact in facts)


def _scored(model: Any, rows: Sequence[Encoded]) -> list[Scored]:
    return score(model, rows, BATCH)


def _means(scored: Sequence[Scored]) -> Floats:
    return np.array([one.logp.mean() for one in scored])


def _told(fact: Fact) -> Any:
    return replace(fact.sample, prompt=f"{fact.paraphrase.answer} {fact.sample.prompt}")
