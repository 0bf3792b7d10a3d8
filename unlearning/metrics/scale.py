"""Scale: what is left of a model's utility when ever more is forgotten at once (MUSE, arXiv 2407.06460,
3.2).

Rule: the forget sets are nested, each holds the one before, so that only their size differs.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

from unlearning.metrics.sustain import portions

T = TypeVar("T")


def nested(items: Sequence[T], count: int) -> list[list[T]]:
    """`count` sets, the last of which is all."""
    return list(accumulate(portions(items, count), lambda held, more: [*held, *more]))
