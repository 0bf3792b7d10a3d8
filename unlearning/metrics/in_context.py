"""In-context relearning: what a model says of the forgotten once its prompt tells something.

Rules: the gain is paired, the same questions with a context and without; gold's gain by the same context is
what lawful reading gives, and what a model gains beyond it comes from memory that the context woke.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from unlearning.metrics.bootstrap import mean_band
from unlearning.metrics.null_band import Band


class Context(StrEnum):
    """What a prompt tells before it asks."""

    RULES = "what such facts are like"
    PARAPHRASED = "the fact in other words"
    SUBJECT = "other facts about the same subject"
    NEIGHBOURING = "facts about others of its kind"
    UNRELATED = "something else"

    @property
    def tells(self) -> bool:
        """Whether the answer may stand in it, so that saying it is reading."""
        return self is Context.PARAPHRASED


@dataclass(frozen=True, slots=True)
class Gain:
    """By one kind of context: the share of questions answered right, without and with it."""

    context: Context
    bare: float
    told: float

    @property
    def gained(self) -> float:
        return self.told - self.bare


def gain(context: Context, bare: Sequence[bool], told: Sequence[bool]) -> Gain:
    """Of the same questions in the same order."""
    if not bare or len(bare) != len(told):
        raise ValueError("expected the same questions without and with a context")
    return Gain(context, float(np.mean(bare)), float(np.mean(told)))


def beyond_gold(
    gained: NDArray[np.float64], by_gold: NDArray[np.float64], rng: np.random.Generator
) -> tuple[float, Band]:
    """How much more the model gained than gold, of each question told minus bare; and how sure that is."""
    difference = gained - by_gold
    return float(difference.mean()), mean_band(difference, rng)
