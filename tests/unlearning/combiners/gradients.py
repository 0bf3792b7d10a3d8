"""Gradients of some parameters, from flat numbers and back."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unlearning.combiners.combiner import Gradient

Array = NDArray[np.float64]


def drawn(seed: int, terms: int, size: int = 6) -> Array:
    """A row for each term."""
    return np.random.default_rng(seed).normal(0, 1, (terms, size))


def gradients(rows: Array) -> list[Gradient]:
    """Each row as two parameters of different shapes."""
    return [[torch.tensor(row[:1]), torch.tensor(row[1:]).reshape(-1, 1)] for row in rows]


def flat(gradient: Sequence[Tensor]) -> list[float]:
    return [float(number) for tensor in gradient for number in tensor.flatten()]
