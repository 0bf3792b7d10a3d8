"""The average of the weights that training passes through.

Rules: only what is trained is averaged, so an adapter costs an adapter; the average is kept in at least
single precision. Without a decay all steps count alike, with one the last steps count most. Source:
weight averaging as in Fan et al. 2025 (arXiv 2502.05374).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor


class WeightAverage:
    def __init__(self, parameters: Sequence[Tensor], decay: float | None = None) -> None:
        if decay is not None and not 0 <= decay < 1:
            raise ValueError(f"expected a decay of 0 or more and below 1, found {decay}")
        self._parameters, self._decay = parameters, decay
        self._steps = 0
        self._average = [_exact(parameter) for parameter in parameters]

    def update(self) -> None:
        """After each step of the optimiser; the first one replaces the weights that training began with."""
        self._steps += 1
        share = 1 / self._steps if self._decay is None or self._steps == 1 else 1 - self._decay
        for average, parameter in zip(self._average, self._parameters, strict=True):
            average.lerp_(parameter.detach().to(average), share)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The parameters are the average inside, and bit for bit what they were afterwards."""
        kept = [parameter.detach().clone() for parameter in self._parameters]
        try:
            self._write(self._average)
            yield
        finally:
            self._write(kept)

    def settle(self) -> None:
        """The parameters are the average from now on."""
        self._write(self._average)

    def state(self) -> Mapping[str, Any]:
        return {"steps": self._steps, "average": [tensor.clone() for tensor in self._average]}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._steps = int(state["steps"])
        self._average = [kept.to(now) for kept, now in zip(state["average"], self._average, strict=True)]

    def _write(self, values: Sequence[Tensor]) -> None:
        for parameter, value in zip(self._parameters, values, strict=True):
            parameter.detach().copy_(value)


def _exact(parameter: Tensor) -> Tensor:
    return parameter.detach().clone().to(torch.promote_types(parameter.dtype, torch.float32))
