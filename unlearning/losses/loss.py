"""A loss with what it reads; several losses with their weights are a method.

Rule: what a sum is divided by can be read off the labels, before any forward pass: a trainer adds it up
over the whole batch, however many parts the batch is taken in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from unlearning.losses.forecast import Places
from unlearning.losses.read import Part, Read
from unlearning.losses.total import Total, Unit

Option = float | int | None


@dataclass(frozen=True, slots=True)
class Loss:
    """The function takes what it reads, in this order, then its options by name."""

    function: Callable[..., Total]
    reads: tuple[Read, ...]
    unit: Unit

    @property
    def part(self) -> Part:
        """The part that is counted."""
        return self.reads[0].part

    def count(self, labels: Tensor) -> int:
        """By what the sum of these labels (texts, length) of `part` is divided."""
        places = Places.of(labels)
        return len(places.targets) if self.unit is Unit.TOKENS else places.texts

    def total(self, seen: Mapping[Read, Any], options: Mapping[str, Option]) -> Total:
        """Of what was seen of a batch."""
        return self.function(*(seen[read] for read in self.reads), **options)


@dataclass(frozen=True, slots=True)
class Term:
    """`name` is of a loss in the catalogue."""

    name: str
    weight: float = 1.0
    options: Mapping[str, Option] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Method:
    """The first term forgets. `combiner` says how the gradients of the terms become one."""

    terms: tuple[Term, ...]
    combiner: str = "sum"
