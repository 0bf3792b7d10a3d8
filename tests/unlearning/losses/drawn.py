"""Small random batches with prompts, gaps and padding, and losses of them written out place by place.

What is written out uses numpy and loops, never torch; its slope comes from finite differences. Both go along
one random direction through all logits, those of prompts and padding too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from unlearning.losses.forecast import Forecast, Hidden
from unlearning.losses.total import Total

Array = NDArray[np.float64]
few = settings(max_examples=25)
STEP = 1e-5


@dataclass(frozen=True, slots=True)
class Place:
    text: int
    column: int
    target: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """`values` (texts, length, width) are logits or hidden states."""

    values: Array
    labels: NDArray[np.int64]

    @property
    def size(self) -> int:
        return self.values.size

    @property
    def texts(self) -> int:
        return len(self.labels)

    def places(self) -> list[Place]:
        found = []
        for text, row in enumerate(self.labels):
            for column in range(1, len(row)):
                if row[column] != -100:
                    found.append(Place(text, column - 1, int(row[column])))
        return found

    def forecast(self, values: Tensor) -> Forecast:
        return Forecast.of(values.reshape(self.values.shape), torch.from_numpy(self.labels))

    def hidden(self, values: Tensor) -> Hidden:
        return Hidden.of(values.reshape(self.values.shape), torch.from_numpy(self.labels))

    def rows(self, values: Array) -> list[tuple[Array, Place]]:
        """What stands at each place, in order."""
        shaped = values.reshape(self.values.shape)
        return [(shaped[place.text, place.column], place) for place in self.places()]

    def at_places(self) -> Tensor:
        return torch.from_numpy(np.stack([row for row, _ in self.rows(self.values)]))

    def likelihoods(self, values: Array) -> list[float]:
        """log p of each target."""
        return [float(log_softmax(row)[place.target]) for row, place in self.rows(values)]

    def by_text(self, values: Array) -> list[float]:
        """The sum of log p of each text's targets."""
        sums = [0.0] * self.texts
        for likely, place in zip(self.likelihoods(values), self.places(), strict=True):
            sums[place.text] += likely
        return sums


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that one test draws."""

    seed: int
    texts: int
    width: int
    random: np.random.Generator = field(repr=False)

    def batch(self) -> Drawn:
        length = int(self.random.integers(2, 8))
        labels = self.random.integers(0, self.width, (self.texts, length))
        kept = self.random.random((self.texts, length)) < 0.6
        # At least one target beyond the first token of every text.
        kept[np.arange(self.texts), self.random.integers(1, length, self.texts)] = True
        return Drawn(self.array(self.texts, length, self.width), np.where(kept, labels, -100))

    def array(self, *shape: int) -> Array:
        return self.random.normal(0, 2, shape)

    def again(self, like: Drawn) -> Drawn:
        """Other values at the same labels."""
        return Drawn(self.array(*like.values.shape), like.labels)


cases = st.builds(
    lambda seed, texts, width: Case(seed, texts, width, np.random.default_rng(seed)),
    st.integers(0, 2**32),
    st.integers(1, 5),
    st.integers(3, 9),
)


def log_softmax(row: Array) -> Array:
    top = float(row.max())
    return np.asarray(row - top - np.log(np.exp(row - top).sum()))


def softmax(row: Array) -> Array:
    return np.exp(log_softmax(row))


def joined(*batches: Drawn) -> Array:
    return np.concatenate([batch.values.ravel() for batch in batches])


def learnt(loss: Callable[[Tensor], Total], case: Case, *batches: Drawn) -> tuple[float, int, float]:
    """Sum, count and slope along the case's direction, by torch."""
    values = torch.from_numpy(joined(*batches)).requires_grad_()
    total = loss(values)
    (gradient,) = torch.autograd.grad(total.sum, values)
    return float(total.sum.detach()), total.count, float(gradient.numpy() @ _along(case, values.numel()))


def written(
    reference: Callable[[Array], float], count: int, case: Case, *batches: Drawn
) -> tuple[Any, int, Any]:
    """The same, written out; the slope by finite differences."""
    values = joined(*batches)
    along = _along(case, values.size)
    slope = (reference(values + STEP * along) - reference(values - STEP * along)) / (2 * STEP)
    return (
        pytest.approx(reference(values), rel=1e-9, abs=1e-9),
        count,
        pytest.approx(slope, rel=1e-5, abs=1e-5),
    )


def _along(case: Case, size: int) -> Array:
    return np.random.default_rng(case.seed + 1).normal(0, 1, size)
