"""How the testbed's models learn their facts: plain next-word training until every fact is known.

Rule: what a model knows follows from its facts, its start and its seed alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import torch
from transformers import LlamaForCausalLM

from evaluation.small_llama import new_llama, step
from unlearning.encoding import Coder, Encoded

LONGEST: Final = 32


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast a model learns."""

    epochs: int
    rate: float
    batch: int = 64
    weight_decay: float = 0.01
    warmup: int = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """About 0.4 million parameters, most of them in three layers."""

    hidden: int = 96
    layers: int = 3
    heads: int = 4
    feed_forward: int = 256

    def new_model(self, vocabulary: int, seed: int) -> LlamaForCausalLM:
        torch.manual_seed(seed)
        return new_llama(self, vocabulary, 2 * LONGEST)


def learn(model: LlamaForCausalLM, coder: Coder, rows: Sequence[Encoded], course: Course, seed: int) -> None:
    """Train the model in place on all tokens of the answers."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=course.rate, weight_decay=course.weight_decay, betas=(0.9, 0.98)
    )
    batches = list(_batches(rows, course, seed))
    model.train()
    for done, batch in enumerate(batches):
        model(**coder.batch(batch)).loss.backward()
        step(model, optimizer, course.rate * _share(done, len(batches), course.warmup))
    model.eval()


def _share(step: int, steps: int, warmup: int) -> float:
    """Of the rate: up at first, down to a tenth at the end."""
    return min((step + 1) / warmup, 1.0 - 0.9 * step / steps)


def _batches(rows: Sequence[Encoded], course: Course, seed: int) -> Iterator[list[Encoded]]:
    rng = Random(f"{seed} order")
    for _ in range(course.epochs):
        order = rng.sample(rows, len(rows))
        yield from (order[at : at + course.batch] for at in range(0, len(order), course.batch))
