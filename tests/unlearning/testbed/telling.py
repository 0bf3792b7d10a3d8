"""Which columns of the table tell a model from gold by more than chance does.

Rules: a column is asked by itself; each band holds all but one in two hundred of models that are as gold: of
shares by as many facts as a row has, of how well members are told by guesses that know nothing.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

import numpy as np

from unlearning.metrics.null_band import Band
from unlearning.report.bands import LEVEL, as_holdout, by_chance
from unlearning.testbed.figures import Figures

Read = Callable[[Figures], float]
Tells = Callable[[Figures, Figures, int], bool]


def _share(read: Read, model: Figures, gold: Figures, _: int) -> bool:
    count = len(gold.ratios)
    return not _of_counts(read(gold), count, count).holds(read(model))


def _back(model: Figures, gold: Figures, _: int) -> bool:
    return not _of_counts(gold.relearnt, len(gold.back), len(model.back)).holds(model.relearnt)


def _member(model: Figures, gold: Figures, unseen: int) -> bool:
    chance = by_chance(len(gold.ratios), unseen)
    return not chance.holds(0.5 + model.membership - gold.membership)


def _quality(model: Figures, gold: Figures, _: int) -> bool:
    return model.quality(gold) < 1 - LEVEL


def _of_counts(share: float, known: int, count: int) -> Band:
    """Where the share lies of so many facts, if that of others is known."""
    return as_holdout((np.arange(known) < round(share * known)).astype(np.float64), count)


# By the column; the number is how many facts nobody was told of.
COLUMNS: Final[Mapping[str, Tells]] = MappingProxyType(
    {
        "forget": partial(_share, lambda one: one.forget),
        "MIA": _member,
        "forget quality": _quality,
        "relearn": _back,
        "4 bit": partial(_share, lambda one: one.four_bit),
        "in context": partial(_share, lambda one: one.in_context),
    }
)
