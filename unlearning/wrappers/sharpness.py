"""Sharpness-aware unlearning: the forget gradient is taken where a small step would undo the most.

    theta + radius g / |g|, where g is the forget gradient at theta

Source: Fan et al. 2025 (arXiv 2502.05374), with a radius of 0.01; the retain gradient is taken at theta.
Rule: afterwards every parameter is bit for bit what it was, whatever happened in between.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import sqrt

from torch import Tensor

from unlearning.combiners.added import inner
from unlearning.combiners.combiner import Gradient


@contextmanager
def moved(parameters: Sequence[Tensor], gradient: Gradient, radius: float = 0.01) -> Iterator[None]:
    length = sqrt(inner(gradient, gradient))
    # Subtracting again what was added would leave rounding behind.
    kept = [parameter.detach().clone() for parameter in parameters]
    try:
        for parameter, slope in zip(parameters, gradient, strict=True):
            parameter.detach().add_(slope, alpha=radius / length if length else 0.0)
        yield
    finally:
        for parameter, before in zip(parameters, kept, strict=True):
            parameter.detach().copy_(before)
