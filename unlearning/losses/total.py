"""The sum of a loss and by what it is divided.

Rule: sums and counts of parts of a batch add up to those of the whole batch; means do not.
"""

from dataclasses import dataclass
from enum import StrEnum

from torch import Tensor


class Unit(StrEnum):
    """What a loss is a mean over."""

    TOKENS = "tokens"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Total:
    """`sum` is a scalar with its gradient, `count` the number of tokens or texts it was summed over."""

    sum: Tensor
    count: int

    def mean(self) -> Tensor:
        return self.sum / self.count
