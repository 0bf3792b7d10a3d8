"""A retain loss with a bound: its factor grows while it is above the bound, and falls to nothing below.

    lambda <- max(0, lambda + rate (L_retain - bound)) after each step that is no warm-up

The second term is the retain loss; later terms keep a factor of 1. The bound must be above the retain
loss that training starts with, or lambda never falls. Source: Entesari et al. 2025 (arXiv 2506.05314),
with lambda from 50 to 100 at first, a rate of 1 and five epochs of warm-up.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from unlearning.combiners.added import Sum, added
from unlearning.combiners.combiner import Gradient


class PrimalDual(Sum):
    def __init__(self, bound: float, weight: float = 50.0, rate: float = 1.0, warm_up: int = 0) -> None:
        if not (bound > 0 and weight >= 0 and rate > 0 and warm_up >= 0):
            raise ValueError("expected a bound and a rate above 0, a weight and a warm-up of 0 or more")
        self._bound, self._weight, self._rate, self._warm_up = bound, weight, rate, warm_up

    def factors(self, terms: int) -> Sequence[float]:
        if terms < 2:
            raise ValueError("expected a retain term beside the forget term")
        return (1.0, self._weight, *(1.0,) * (terms - 2))

    def combine(self, gradients: Sequence[Gradient]) -> list[Tensor]:
        return added(gradients, self.factors(len(gradients)))

    def learn(self, means: Sequence[float]) -> None:
        if not math.isfinite(means[1]):
            raise ValueError("expected a retain loss that is finite")
        if self._warm_up:
            self._warm_up -= 1
        else:
            self._weight = max(0.0, self._weight + self._rate * (means[1] - self._bound))

    def state(self) -> Mapping[str, Any]:
        return {"weight": self._weight, "warm_up": self._warm_up}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._weight, self._warm_up = float(state["weight"]), int(state["warm_up"])
