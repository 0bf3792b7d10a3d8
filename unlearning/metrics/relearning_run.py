"""A model taught some rows again, asked on the way.

Rules: the model given is left as it is; all of its weights learn, for who holds them may do so; the same
seed gives the same run; nothing that was learnt is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeVar

import torch

from unlearning.encoding import Encoded
from unlearning.losses.forecast import NO_TARGET
from unlearning.metrics.relearning import Curve, Point
from unlearning.metrics.scoring import accuracy, padded, score

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lessons:
    """In every step the model reads `batch` rows; it is asked every `every` steps."""

    steps: int
    rate: float
    batch: int = 16
    every: int = 10
    seed: int = 0


def relearn(model: Any, taught: Sequence[Encoded], held_out: Sequence[Encoded], lessons: Lessons) -> Curve:
    """What is known of either after each of the steps."""

    def point(step: int, pupil: Any) -> Point:
        return Point(step, accuracy(score(pupil, taught)), accuracy(score(pupil, held_out)))

    return Curve(tuple(taught_again(model, taught, lessons, point)))


def taught_again(
    model: Any, rows: Sequence[Encoded], lessons: Lessons, ask: Callable[[int, Any], T]
) -> list[T]:
    """What `ask` finds before the first step, on the way, and after the last."""
    pupil = deepcopy(model).requires_grad_(True).train()
    learning = torch.optim.AdamW(pupil.parameters(), lr=lessons.rate, weight_decay=0.0)
    found = [ask(0, pupil)]
    with torch.random.fork_rng():
        torch.manual_seed(lessons.seed)
        for step, some in zip(range(1, lessons.steps + 1), _portions(rows, lessons.batch), strict=False):
            _learn(pupil, some, learning)
            if step % lessons.every == 0 or step == lessons.steps:
                found.append(ask(step, pupil))
    return found


def _portions(rows: Sequence[Encoded], size: int) -> Iterator[list[Encoded]]:
    """Without end, each row as often as any other."""
    while True:
        order = torch.randperm(len(rows)).tolist()
        for start in range(0, len(order), size):
            yield [rows[place] for place in order[start : start + size]]


def _learn(pupil: Any, rows: Sequence[Encoded], learning: torch.optim.Optimizer) -> None:
    ids, mask = padded([row.ids for row in rows], pupil, left=False)
    targets, _ = padded([[int(target) for target in row.targets] for row in rows], pupil, left=False)
    loss = pupil(input_ids=ids, attention_mask=mask, labels=ids.masked_fill(targets == 0, NO_TARGET)).loss
    learning.zero_grad()
    loss.backward()
    learning.step()
