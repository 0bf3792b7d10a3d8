"""Gradient rectification: the forget gradient keeps only what does not work against the retain gradient.

    g_f - (<g_f, r> / |r|^2) r where <g_f, r> < 0, else g_f;         plus the retain gradient

r is a moving average of the retain gradient (all terms but the first). Source: Wang et al. 2025 (GRU,
arXiv 2503.09117), whose averages keep 0.6 or 0.99 of what was; that the retain gradient is added can be
turned off.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from unlearning.combiners.added import Sum, added, inner
from unlearning.combiners.combiner import Gradient


class Project(Sum):
    apart = True

    def __init__(self, memory: float = 0.6, retains: bool = True) -> None:
        if not 0 <= memory < 1:
            raise ValueError(f"expected a memory of 0 or more and below 1, found {memory}")
        self._memory, self._retains = memory, retains
        self._average: Gradient = ()

    def combine(self, gradients: Sequence[Gradient]) -> list[Tensor]:
        forget, *kept = gradients
        if not kept:
            raise ValueError("expected a retain term beside the forget term")
        retain = added(kept, (1.0,) * len(kept))
        self._average = self._averaged(retain)
        factor = -min(inner(forget, self._average), 0.0) / (inner(self._average, self._average) or 1.0)
        rectified = added((forget, self._average), (1.0, factor))
        return added((rectified, retain), (1.0, 1.0)) if self._retains else rectified

    def state(self) -> Mapping[str, Any]:
        return {"average": [tensor.clone() for tensor in self._average]}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._average = list(state["average"])

    def _averaged(self, retain: Gradient) -> Gradient:
        if not self._average:
            return [tensor.clone() for tensor in retain]
        return added((self._average, retain), (self._memory, 1 - self._memory))
