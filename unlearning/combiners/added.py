"""Gradients times factors, added up."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from unlearning.combiners.combiner import Gradient


class Sum:
    """The gradient of the sum of the terms."""

    apart = False

    def factors(self, terms: int) -> Sequence[float]:
        return (1.0,) * terms

    def combine(self, gradients: Sequence[Gradient]) -> list[Tensor]:
        return added(gradients, self.factors(len(gradients)))

    def learn(self, means: Sequence[float]) -> None:
        pass

    def state(self) -> Mapping[str, Any]:
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        pass


def added(gradients: Sequence[Gradient], factors: Sequence[float]) -> list[Tensor]:
    """One tensor for each parameter."""
    return [
        sum(tensor * factor for tensor, factor in zip(tensors, factors, strict=True))
        for tensors in zip(*gradients, strict=True)
    ]


def inner(left: Gradient, right: Gradient) -> float:
    """The inner product over all parameters, in double precision."""
    return sum(float((a.double() * b.double()).sum()) for a, b in zip(left, right, strict=True))
