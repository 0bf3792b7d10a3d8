"""A Transformers trainer whose loss is the terms of a method.

Rules: a sum is divided by the count of the whole batch, over all its portions and processes, so that the
gradient does not depend on how a batch is split up. A loss that is no number ends the run. A checkpoint is
there whole or not at all.
"""

import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import Trainer, TrainerState
from transformers.trainer import TRAINER_STATE_NAME

from unlearning.combiners.combiner import Combiner
from unlearning.losses.catalogue import LOSSES
from unlearning.losses.loss import Term
from unlearning.plan import PlanError
from unlearning.reading import Batch, Reader
from unlearning.schedules.schedule import Outcome
from unlearning.stopping import looks_of
from unlearning.whole_folder import draft_of, written_whole
from unlearning.wrappers.sharpness import moved

KEPT_CHECKPOINTS = 2


class Kept(Protocol):
    """What a checkpoint holds besides weights and the trainer's own state."""

    def state(self) -> Mapping[str, Any]: ...

    def restore(self, state: Mapping[str, Any]) -> None: ...


class DivergedError(ArithmeticError):
    """The loss is no number any more."""


class Unlearner(Trainer):  # type: ignore[misc]  # transformers is not typed
    # What compute_loss returns is divided by the whole batch's count already.
    loss_is_scaled_for_ga = True

    def __init__(
        self,
        *args: Any,
        terms: Sequence[Term],
        combiner: Combiner,
        reader: Reader,
        kept: Mapping[str, Kept] = MappingProxyType({}),
        radius: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if self.is_fsdp_enabled and (combiner.apart or kept or radius):
            raise PlanError(
                "expected no average, no sharpness and a combiner that adds up: the model is sharded (FSDP)"
            )
        self._kept = {"combiner": combiner, **kept}
        self._terms = tuple(terms)
        self._combiner = combiner
        self._reader = reader
        self._counts: list[float] = []
        self._means: list[Tensor] = []
        self._apart: list[list[Tensor]] = []
        self._radius = radius
        self._portions: list[Batch] = []
        self._steepest: list[Tensor] = []
        self._saving_into: Path | None = None

    def get_batch_samples(
        self, epoch_iterator: Iterator[Any], num_batches: int, device: torch.device
    ) -> tuple[list[Any], None]:
        """The portions of one batch; what each term is divided by is counted over all of them."""
        portions = [batch for _, batch in zip(range(num_batches), epoch_iterator, strict=False)]
        counts = torch.tensor([self._count(term, portions) for term in self._terms], device=device)
        whole = self.accelerator.gather(counts[None]).sum(0)
        # Gradients of processes are averaged, so each takes its share of the count.
        self._counts = (whole / self.accelerator.num_processes).tolist()
        self._means = [torch.zeros((), device=device) for _ in self._terms]
        self._portions, self._steepest = portions, []
        return portions, None

    def compute_loss(
        self, model: Any, inputs: Batch, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        losses = self._losses(model, inputs)
        factors = self._combiner.factors(len(self._terms))
        loss = torch.stack([one * factor for one, factor in zip(losses, factors, strict=True)]).sum()
        return (loss, None) if return_outputs else loss

    def training_step(self, model: Any, inputs: Batch, num_items_in_batch: Any = None) -> Tensor:
        if not self._combiner.apart and self._radius is None:
            loss: Tensor = super().training_step(model, inputs, num_items_in_batch)
        else:
            loss = self._step_apart(model, self._prepare_inputs(inputs))
        if self.accelerator.sync_gradients:
            self._combiner.learn(self.accelerator.reduce(torch.stack(self._means), "mean").tolist())
        return loss

    def floating_point_ops(self, inputs: Batch) -> int:
        """Parts of a batch have no one length to count by."""
        return 0

    def _count(self, term: Term, portions: Sequence[Batch]) -> float:
        loss = LOSSES[term.name]
        return float(sum(loss.count(batch[loss.part]["labels"]) for batch in portions))

    def _losses(self, model: Any, inputs: Batch) -> list[Tensor]:
        """Of each term, its weight included, this portion's share of the whole batch's mean."""
        seen = self._reader.read(model, inputs)
        losses = []
        for place, (term, count) in enumerate(zip(self._terms, self._counts, strict=True)):
            mean = LOSSES[term.name].total(seen, term.options).sum / count
            self._means[place] = self._means[place] + mean.detach()
            losses.append(term.weight * mean)
            self._check(term, mean)
        return losses

    def _check(self, term: Term, mean: Tensor) -> None:
        if not math.isfinite(value := float(mean.detach())):
            raise DivergedError(
                f"step {self.state.global_step + 1}: expected a number from {term.name}, got {value}: "
                "lower `rate`, or its weight"
            )

    def _step_apart(self, model: Any, inputs: Batch) -> Tensor:
        """Each term's gradient by itself; at the end of the batch they are combined."""
        model.train()
        learnt = [one for one in model.parameters() if one.requires_grad]
        # Before the others are read: weights that were moved since have no gradient any more.
        sharp = [] if self._radius is None else [self._sharp(model, inputs, learnt, self._radius)]
        with self.compute_loss_context_manager():
            losses = self._losses(model, inputs)
        for place, gradient in enumerate([*sharp, *(_slopes(loss, learnt) for loss in losses[len(sharp) :])]):
            self._add(place, gradient)
        if self.accelerator.sync_gradients:
            whole = [self._over_processes(term) for term in self._apart]
            for one, gradient in zip(learnt, self._combiner.combine(whole), strict=True):
                one.grad = gradient.to(one.dtype)
            self._apart = []
        return torch.stack(losses).sum().detach()

    def _sharp(self, model: Any, inputs: Batch, learnt: list[Tensor], radius: float) -> list[Tensor]:
        """The first term's gradient where a small step would raise it most, for the whole batch."""
        if not self._steepest:
            found = [self._forgetting(model, self._prepare_inputs(one), learnt) for one in self._portions]
            self._steepest = self._over_processes(
                [torch.stack(each).sum(0) for each in zip(*found, strict=True)]
            )
        with moved(learnt, self._steepest, radius):
            return self._forgetting(model, inputs, learnt)

    def _forgetting(self, model: Any, inputs: Batch, learnt: list[Tensor]) -> list[Tensor]:
        """The gradient of the first term alone, of which nothing is written down."""
        term = self._terms[0]
        loss = LOSSES[term.name]
        with self.compute_loss_context_manager():
            seen = self._reader.only(loss.reads).read(model, inputs)
            total = term.weight * loss.total(seen, term.options).sum / self._counts[0]
        return _slopes(total, learnt)

    def _over_processes(self, gradient: Sequence[Tensor]) -> list[Tensor]:
        """These gradients pass by what would average them."""
        return [self.accelerator.reduce(one, "mean") for one in gradient]

    def _add(self, place: int, gradient: list[Tensor]) -> None:
        if place == len(self._apart):
            self._apart.append(gradient)
        else:
            self._apart[place] = [old + new for old, new in zip(self._apart[place], gradient, strict=True)]

    def _get_output_dir(self, trial: Any) -> str:
        return str(self._saving_into or super()._get_output_dir(trial))

    @contextmanager
    def together(self, folder: Path) -> Iterator[Path]:
        """All processes write into one draft; the first of them publishes it."""
        first = self.is_world_process_zero()
        try:
            with written_whole(folder) if first else nullcontext(draft_of(folder)) as draft:
                self.accelerator.wait_for_everyone()
                yield draft
                self.accelerator.wait_for_everyone()
        except (RuntimeError, SafetensorError) as error:
            # So torch and safetensors say that the disk is full.
            raise OSError(f"{folder}: could not be written: {str(error).partition(chr(10))[0]}") from error

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        out = Path(super()._get_output_dir(trial))
        folder = out / f"checkpoint-{self.state.global_step}"
        first = self.is_world_process_zero()
        if first:
            shutil.rmtree(folder, ignore_errors=True)
        with self.together(folder) as draft:
            self._save_into(draft, model, trial)
            self.accelerator.wait_for_everyone()
            if first:
                _lift(draft / folder.name, draft)
                for name, one in self._kept.items():
                    torch.save(dict(one.state()), draft / f"{name}.pt")
        if first:
            for old in checkpoints(out)[:-KEPT_CHECKPOINTS]:
                shutil.rmtree(old)

    def _save_into(self, draft: Path, model: Any, trial: Any) -> None:
        self._saving_into = draft
        try:
            super()._save_checkpoint(model, trial)
        finally:
            self._saving_into = None

    def go_on(self, newest: Path | None) -> None:
        """Train to the end, unless the checkpoint is of a run that had ended."""
        if newest is not None and _has_ended(newest):
            self._load_from_checkpoint(str(newest))
            self.state = TrainerState.load_from_json(str(newest / TRAINER_STATE_NAME))
        else:
            self.train(resume_from_checkpoint=str(newest) if newest else None)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        super()._load_from_checkpoint(resume_from_checkpoint, model)
        for name, one in self._kept.items():
            one.restore(torch.load(Path(resume_from_checkpoint) / f"{name}.pt", weights_only=True))


def _slopes(loss: Tensor, learnt: Sequence[Tensor]) -> list[Tensor]:
    found = torch.autograd.grad(loss, learnt, retain_graph=True, allow_unused=True, materialize_grads=True)
    return list(found)


def checkpoints(out: Path) -> list[Path]:
    """Those that are whole, the oldest first."""
    return sorted(out.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))


def _has_ended(checkpoint: Path) -> bool:
    looks = looks_of(TrainerState.load_from_json(str(checkpoint / TRAINER_STATE_NAME)))
    return bool(looks) and looks[-1].outcome is not Outcome.GOING_ON


def _lift(inner: Path, outer: Path) -> None:
    for path in inner.iterdir():
        path.rename(outer / path.name)
    inner.rmdir()
