"""One run of a recipe: from a model and texts to weights that know less, and what was seen on the way.

Rules: the folder of a run belongs to one recipe and goes on where it stopped; what is exported is there whole
or not at all. Everything drawn by chance follows from the recipe's seed.
"""

import os
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback

from index.encoder import Encoder
from unlearning.averaging import Averaging
from unlearning.dataset import DataError, Dataset
from unlearning.encoding import Coder, Encoded
from unlearning.loading import Loaded
from unlearning.losses.read import Kind, Part
from unlearning.plan import Plan, PlanError
from unlearning.preparing import Preparer
from unlearning.pruning import pruned
from unlearning.reading import Reader
from unlearning.recipe import Recipe
from unlearning.refining import Refining, similar_by
from unlearning.rows import Rows, Texts, collate
from unlearning.samples import Sample
from unlearning.schedules.fixed import Fixed
from unlearning.schedules.schedule import Outcome, Schedule
from unlearning.schedules.until_residual import UntilResidual
from unlearning.stopping import Before, Look, Report, Watch, Watched, looks_of, spread_out
from unlearning.unlearner import Unlearner, checkpoints
from unlearning.wanted import wanted_centres
from unlearning.whole_folder import remove_drafts


@dataclass(frozen=True, slots=True)
class Ended:
    """What was trained, the floor it was to reach, and all looks at it."""

    trainer: Unlearner
    before: Before
    looks: tuple[Look, ...]

    @property
    def model(self) -> Any:
        return self.trainer.accelerator.unwrap_model(self.trainer.model)

    @property
    def outcome(self) -> Outcome:
        return self.looks[-1].outcome


@dataclass(frozen=True, slots=True)
class Coded:
    """A recipe's texts, long ones in parts, and what is looked at of them."""

    forget: tuple[Sample, ...]
    retain: tuple[Sample, ...]
    watched: Watched

    @classmethod
    def of(cls, found: Dataset, coder: Coder, most: int) -> "Coded":
        def parted(samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
            return tuple(part for sample in samples for part in coder.parts(sample))

        def seen(samples: tuple[Sample, ...]) -> tuple[Encoded, ...]:
            return coder.encode_all(spread_out(samples, most))

        forget, retain, holdout = map(parted, (found.forget, found.retain, found.holdout))
        return cls(forget, retain, Watched(seen(forget), seen(retain), seen(holdout)))

    def read(self, coder: Coder) -> tuple[Sequence[Encoded], Sequence[Encoded]]:
        """What is forgotten and what stays, as a model reads it."""
        return coder.encode_all(self.forget), coder.encode_all(self.retain)


def unlearn(
    recipe: Recipe, plan: Plan, loaded: Loaded, found: Dataset, out: Path, encoder: Encoder, report: Report
) -> Ended:
    """Begins, or goes on from the newest checkpoint in `out`.

    Raises DataError, PlanError, DivergedError,
    SampleError, OSError."""
    set_seed(recipe.seed)
    coder = Coder(loaded.tokenizer, recipe.data.longest)
    coded = Coded.of(found, coder, recipe.stop.items)
    before = Before.of(loaded.model, coded.watched, recipe.stop)
    if before.knows_nothing and not recipe.stop.fixed:
        shares = f"{before.forget.share:.3f} and {before.holdout.share:.3f} of what tells"
        raise DataError(
            "expected texts to forget that the model says better than the holdout, found that it says them "
            f"no better ({shares}). Check the model, its tokenizer and the holdout, or set `stop.fixed`"
        )
    preparer = Preparer(coder, plan, loaded.model, recipe.data.alternatives, encoder)
    texts = preparer.texts(coded.forget, coded.retain)
    rows = Rows(texts, recipe.seed, recipe.budget.steps * recipe.batch)
    averaging = Averaging(loaded.model, recipe.average.decay) if recipe.average else None
    lent = averaging.in_place if averaging else nullcontext
    watch = Watch(
        coded.watched, before, _schedule(recipe), recipe.stop.every, report, _most_s(recipe), lent=lent
    )
    trainer = Unlearner(
        model=loaded.model,
        args=_arguments(recipe, out),
        train_dataset=rows,
        data_collator=partial(
            collate, coder=coder, keys=_keys(recipe), vocabulary=loaded.model.config.vocab_size
        ),
        callbacks=[*_refining(recipe, rows, coder, encoder), *([averaging] if averaging else []), watch],
        terms=plan.terms,
        combiner=plan.combiner,
        reader=_reader(recipe, plan, loaded, texts, coder),
        kept={"average": averaging} if averaging else {},
        radius=recipe.sharpness,
    )
    trainer.remove_callback(PrinterCallback)
    remove_drafts(out)
    newest = next(reversed(checkpoints(out)), None)
    if recipe.prune and newest is None:
        pruned(loaded.model, coder, *coded.read(coder), recipe.prune)
    trainer.go_on(newest)
    if averaging:
        averaging.settle()
    return Ended(trainer, before, tuple(looks_of(trainer.state)))


def _refining(recipe: Recipe, rows: Rows, coder: Coder, encoder: Encoder) -> list[Refining]:
    """Before the watch, which writes down that all rest."""
    part = recipe.refine
    return [Refining(rows, coder, part, similar_by(encoder), recipe.batch)] if part else []


def _reader(recipe: Recipe, plan: Plan, loaded: Loaded, texts: Texts, coder: Coder) -> Reader:
    layer, centres = _layer(recipe, loaded.model), None
    if any(read.kind is Kind.CENTRES for read in plan.reads):
        wanted = [told.row for told in (texts.beside_forget or {})[Part.ALTERNATIVE]]
        clusters = len(recipe.data.alternatives)
        centres = wanted_centres(loaded.model, wanted, coder, layer, clusters, recipe.seed)
    return Reader(plan.reads, layer, loaded.frozen, centres)


def _schedule(recipe: Recipe) -> Schedule:
    if recipe.stop.fixed:
        return Fixed(recipe.budget.steps)
    return UntilResidual(recipe.budget.steps, recipe.stop.budget, recipe.stop.most_lost)


def _most_s(recipe: Recipe) -> float | None:
    return None if recipe.budget.minutes is None else 60 * recipe.budget.minutes


def _keys(recipe: Recipe) -> frozenset[Part]:
    return frozenset({Part.FORGET}) if recipe.data.targets == "key" else frozenset()


def _layer(recipe: Recipe, model: Any) -> int:
    layers = int(model.config.num_hidden_layers)
    if recipe.layer is not None and recipe.layer > layers:
        raise PlanError(f"layer: expected at most {layers}, as the model has, found {recipe.layer}")
    return recipe.layer or (layers + 1) // 2


def _arguments(recipe: Recipe, out: Path) -> TrainingArguments:
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    return TrainingArguments(
        output_dir=str(out),
        max_steps=recipe.budget.steps,
        per_device_train_batch_size=max(1, recipe.batch // recipe.portions // processes),
        gradient_accumulation_steps=recipe.portions,
        learning_rate=recipe.rate,
        lr_scheduler_type="constant",
        max_grad_norm=recipe.clip,
        bf16=recipe.precision == "bfloat16",
        use_cpu=not torch.cuda.is_available(),
        seed=recipe.seed,
        save_strategy="steps",
        save_steps=recipe.checkpoint_every,
        train_sampling_strategy="sequential",
        logging_strategy="no",
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        average_tokens_across_devices=False,
    )
