"""What a model is asked for a report, and how thoroughly.

Rule: what stands at one place of `forget`, of `wrong` and of each context is about one item.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from unlearning.encoding import Encoded
from unlearning.metrics.in_context import Context
from unlearning.metrics.relearning_run import Lessons


def entry_of(item: str) -> str:
    """The entry that an item is of: ids of items go on behind a number sign."""
    return item.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Asked:
    """`holdout` was never learnt and is like `forget` otherwise; without it, and without gold, nothing is
    judged. `paraphrased`, if any, are the true answers in other words and `wrong` false ones, several each.
    `contexts` are the rows of `forget` with a context before."""

    forget: Sequence[Encoded]
    retain: Sequence[Encoded]
    holdout: Sequence[Encoded]
    paraphrased: Sequence[Encoded] = ()
    wrong: Sequence[Sequence[Encoded]] = ()
    contexts: Mapping[Context, Sequence[Encoded]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.forget:
            raise ValueError("expected items to forget, found none")
        beside = [self.paraphrased, self.wrong, *self.contexts.values()]
        if any(rows and len(rows) != len(self.forget) for rows in beside):
            raise ValueError("expected as many rows of each kind as there are items to forget")


@dataclass(frozen=True, slots=True)
class Effort:
    """`folds`: so many times a part of the forgotten is taught again and the rest asked. None: never."""

    bits: tuple[int, ...] = (8, 4)
    lessons: Lessons | None = field(default_factory=lambda: Lessons(steps=50, rate=1e-4))
    folds: int = 4
    batch: int = 32
