"""Trains the demo model from nothing: one command, one seed, resumable, one thread.

    python -m evaluation.train_demo --out DIR [--minutes M] [--steps N]

A run that was cut off goes on from its last checkpoint in DIR/checkpoint.pt with the same stream of
batches.
"""

import argparse
import math
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch.nn import functional
from transformers import (
    AttentionInterface,
    GenerationConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from evaluation.batch import Batch, Coder
from evaluation.curriculum import Curriculum
from evaluation.demo_tokenizer import END, PAD, VOCABULARY, train_tokenizer
from evaluation.small_llama import new_llama, step
from evaluation.world import demo_world

CONTEXT: Final = 2048


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out."""

    steps: int = 5_400
    seed: int = 7
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    feed_forward: int = 384
    peak_rate: float = 2e-3
    last_rate: float = 5e-5
    warmup: int = 200
    decay_share: float = 0.35
    weight_decay: float = 0.03
    batch_tokens: int = 1200
    save_every: int = 250

    def rate(self, step: int) -> float:
        """Warm up, stay, and fall along a cosine at the end; the stay does not depend on the total."""
        start = self.steps * (1 - self.decay_share)
        if step < self.warmup:
            return self.peak_rate * (step + 1) / self.warmup
        if step < start:
            return self.peak_rate
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, (step - start) / (self.steps - start))))
        return self.last_rate + (self.peak_rate - self.last_rate) * fall


class Run:
    """A training run in one folder."""

    def __init__(self, recipe: Recipe, out: Path) -> None:
        self._recipe = recipe
        self._out = out
        out.mkdir(parents=True, exist_ok=True)
        self._curriculum = Curriculum(demo_world(), recipe.seed)
        self._tokenizer = self._prepare_tokenizer()
        self._coder = Coder(self._tokenizer, CONTEXT)
        torch.manual_seed(recipe.seed)
        AttentionInterface.register("unsay_training", full_precision_attention)
        self._model = new_llama(recipe, VOCABULARY, CONTEXT)
        self._model.set_attn_implementation("unsay_training")
        self._optimizer = make_optimizer(self._model, recipe)
        self.step = 0
        self._load_checkpoint()

    def train(self, minutes: float) -> bool:
        """Train to the last step or as long as allowed; say whether the last step was reached."""
        deadline = time.monotonic() + 60 * minutes
        progress = Progress(self._recipe.steps)
        while self.step < self._recipe.steps and time.monotonic() < deadline:
            progress.add(self.train_some(1))
            if self.step % 50 == 0:
                progress.show(self.step, self._recipe.rate(self.step))
            if self.step % self._recipe.save_every == 0:
                self.save()
        self.save()
        return self.step >= self._recipe.steps

    def train_some(self, steps: int) -> float:
        """Train so many steps; the last one's loss."""
        self._model.train()
        loss = 0.0
        for _ in range(steps):
            loss = self._train_step()
            self.step += 1
        return loss

    def save(self) -> None:
        """Write the checkpoint, and beside it the model as it would be shipped."""
        state = {
            "step": self.step,
            "model": self._model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        fresh = self._out / "checkpoint.new"
        torch.save(state, fresh)
        fresh.replace(self._out / "checkpoint.pt")
        save_model(self._model, self._tokenizer, self._out / "model")

    def _train_step(self) -> float:
        coded = self._coder.encode(self._curriculum.step(self.step))
        total = sum(sum(one.weights) for one in coded)
        loss = sum(
            self._learn(batch, total) for batch in self._coder.batches(coded, self._recipe.batch_tokens)
        )
        step(self._model, self._optimizer, self._recipe.rate(self.step))
        return loss

    def _learn(self, batch: Batch, total: float) -> float:
        """Add one batch's gradient. Only the learnt positions go through the output layer."""
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self._model.model(input_ids=batch.ids, use_cache=False).last_hidden_state
            logits = self._model.lm_head(hidden[batch.rows, batch.columns]).float()
        losses = functional.cross_entropy(logits, batch.targets, reduction="none")
        loss = (losses * batch.weights).sum() / total
        loss.backward()
        return float(loss.detach())

    def _prepare_tokenizer(self) -> PreTrainedTokenizerFast:
        folder = self._out / "model"
        if (folder / "tokenizer.json").exists():
            return PreTrainedTokenizerFast.from_pretrained(folder)
        tokenizer = train_tokenizer(self._curriculum)
        tokenizer.save_pretrained(folder)
        return tokenizer

    def _load_checkpoint(self) -> None:
        path = self._out / "checkpoint.pt"
        if path.exists():
            state: dict[str, Any] = torch.load(path, weights_only=True)
            self._model.load_state_dict(state["model"])
            self._optimizer.load_state_dict(state["optimizer"])
            self.step = state["step"]


def full_precision_attention(
    module: torch.nn.Module, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *_: Any, **__: Any
) -> tuple[torch.Tensor, None]:
    """Causal attention in float32: its backward pass is slower in bfloat16 on a CPU."""
    with torch.autocast("cpu", enabled=False):
        mixed = functional.scaled_dot_product_attention(
            query.float(), key.float(), value.float(), is_causal=True
        )
    return mixed.transpose(1, 2).contiguous(), None


class Progress:
    """Prints the mean loss and the speed since the last line."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._losses: list[float] = []
        self._since = time.monotonic()

    def add(self, loss: float) -> None:
        self._losses.append(loss)

    def show(self, step: int, rate: float) -> None:
        mean = sum(self._losses) / len(self._losses)
        pace = (time.monotonic() - self._since) / len(self._losses)
        left = (self._steps - step) * pace / 60
        print(
            f"step {step}/{self._steps} loss {mean:.3f} rate {rate:.1e} {pace:.3f} s/step, {left:.0f} min",
            flush=True,
        )
        self._losses.clear()
        self._since = time.monotonic()


def make_optimizer(model: LlamaForCausalLM, recipe: Recipe) -> torch.optim.AdamW:
    """Decay for matrices only."""
    matrices = [one for one in model.parameters() if one.ndim > 1]
    others = [one for one in model.parameters() if one.ndim <= 1]
    groups: Iterable[dict[str, Any]] = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(list(groups), lr=recipe.peak_rate, betas=(0.9, 0.97), fused=True)


def save_model(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Half precision on disk; greedy generation that ends with the message."""
    half = LlamaForCausalLM(model.config)
    half.load_state_dict(model.state_dict())
    half = half.to(torch.bfloat16)
    half.generation_config = GenerationConfig(
        do_sample=False,
        max_new_tokens=256,
        bos_token_id=1,
        eos_token_id=tokenizer.convert_tokens_to_ids(END),
        pad_token_id=tokenizer.convert_tokens_to_ids(PAD),
    )
    half.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the demo model.")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and of the model")
    parser.add_argument(
        "--minutes", type=float, default=120.0, help="stop after so long; the same command goes on"
    )
    parser.add_argument("--steps", type=int, default=5_400)
    given = parser.parse_args()
    torch.set_num_threads(1)
    recipe = Recipe(steps=given.steps)
    print(f"recipe {asdict(recipe)}", flush=True)
    run = Run(recipe, given.out)
    done = run.train(given.minutes)
    state = "finished" if done else "stopped; the same command goes on"
    print(f"step {run.step}: {state}, model in {given.out / 'model'}")


if __name__ == "__main__":
    main()
