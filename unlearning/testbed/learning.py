"""How the testbed's models learn their facts: plain next-word training until every fact is known.

Rule: what a model knows follows from its facts, its start and its seed alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import torch
from transformers import LlamaConfig, LlamaForCausalLM

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
        return LlamaForCausalLM(self._config(vocabulary))

    def _config(self, vocabulary: int) -> LlamaConfig:
        return LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=self.hidden,
            intermediate_size=self.feed_forward,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            num_key_value_heads=self.heads,
            max_position_embeddings=2 * LONGEST,
            tie_word_embeddings=True,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
        )


def learn(model: LlamaForCausalLM, coder: Coder, rows: Sequence[Encoded], course: Course, seed: int) -> None:
    """Train the model in place on all tokens of the answers."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=course.rate, weight_decay=course.weight_decay, betas=(0.9, 0.98)
    )
    batches = list(_batches(rows, course, seed))
    model.train()
    for step, batch in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = course.rate * _share(step, len(batches), course.warmup)
        loss = model(**coder.batch(batch)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    model.eval()


def _share(step: int, steps: int, warmup: int) -> float:
    """Of the rate: up at first, down to a tenth at the end."""
    return min((step + 1) / warmup, 1.0 - 0.9 * step / steps)


def _batches(rows: Sequence[Encoded], course: Course, seed: int) -> Iterator[list[Encoded]]:
    rng = Random(f"{seed} order")
    for _ in range(course.epochs):
        order = rng.sample(rows, len(rows))
        yield from (order[at : at + course.batch] for at in range(0, len(order), course.batch))
