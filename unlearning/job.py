"""A recipe from its file to what is served and what is said of it.

Rules: what a stage made is there whole, and a stage that is done is not done again; a folder belongs to one
recipe with its texts and model. The report asks what was written to the disk, not what was in memory.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import torch
from transformers import AutoModelForCausalLM

from evaluation.report_origin import Origin
from index.encoder import MiniLM
from unlearning.dataset import Dataset, read_dataset
from unlearning.encoding import Coder
from unlearning.export import export, exported, load_exported
from unlearning.loading import check_folder, load, load_tokenizer
from unlearning.metrics.relearning_run import Lessons
from unlearning.plan import Plan, make_plan
from unlearning.recipe import Recipe, ReportPart
from unlearning.recipe_file import load_recipe
from unlearning.report.asked import Asked, Effort
from unlearning.report.contexts import contexts
from unlearning.report.depth import depth
from unlearning.report.figure import Figure
from unlearning.report.files import Written
from unlearning.report.making import report_of
from unlearning.report.measured import Measured
from unlearning.report.measuring import measure
from unlearning.report.models import Models
from unlearning.run import Coded, Ended, unlearn
from unlearning.samples import SampleError
from unlearning.stopping import Report, spread_out
from unlearning.whole_folder import remove_drafts

MADE_OF: Final = "made-of"
REPORT: Final = "report"


class JobError(ValueError):
    """The folder of the run can't be used."""


@dataclass(frozen=True, slots=True)
class Job:
    """`base` is the folder of the model; `plan` is what the recipe's method comes to."""

    recipe: Recipe
    plan: Plan
    found: Dataset
    base: Path
    out: Path
    gold: Path | None = None

    @classmethod
    def of(cls, path: Path, out: Path) -> "Job":
        """Everything read and checked. Raises RecipeError, PlanError, DataError, ModelError, JobError."""
        recipe = load_recipe(path)
        job = cls(
            recipe,
            make_plan(recipe),
            read_dataset(recipe.data, path.parent),
            path.parent / recipe.model,
            out,
            None if recipe.report.gold is None else path.parent / recipe.report.gold,
        )
        if job.gold is not None:
            check_folder(job.gold)
        if _is_first():
            job._claim()
        return job

    @property
    def exported(self) -> Path:
        return exported(self.recipe, self.out)

    @property
    def report(self) -> Path:
        return self.out / REPORT

    def train(self, progress: Report) -> Ended | None:
        """None where it was done before."""
        if self.exported.exists():
            return None
        loaded = load(self.recipe, self.base, needs_frozen=self.plan.needs_frozen)
        ended = unlearn(self.recipe, self.plan, loaded, self.found, self.out, MiniLM(), progress)
        export(ended, self.recipe, self.base, loaded.tokenizer, self.out)
        return ended

    def tell(self, name: str, command: str) -> None:
        """The report of what was exported, beside the model as it was."""
        if self.report.exists() or not _is_first():
            return
        part = self.recipe.report
        coder = Coder(load_tokenizer(self.base), self.recipe.data.longest)
        coded = Coded.of(self.found, coder, part.items)
        asked = _asked(coded, coder, part.items)
        models = Models(
            _measured(_plain(self.base), asked, part),
            _measured(self._unlearned(), asked, part),
            None if self.gold is None else _measured(_plain(self.gold), asked, part),
        )
        method = self.recipe.method or "+".join(term.name for term in self.plan.terms)
        seen = {row.id for row in asked.forget}
        unasked = [sample.id for sample in coded.forget if sample.id not in seen]
        told = report_of(models, name, method, self.recipe.stop.budget, list(self._depth(asked)), unasked)
        Written(told, Origin.of(command), self.found.forget_of_files).write(self.report)

    def _depth(self, asked: Asked) -> Iterator[Figure]:
        if self.gold is not None:
            yield from depth(_plain(self.base), self._unlearned(), _plain(self.gold), asked.forget)

    def _unlearned(self) -> Any:
        return load_exported(self.recipe, self.base, self.out)

    def _claim(self) -> None:
        """The folder is this job's from now on."""
        made_of = self.out / MADE_OF
        if made_of.exists() and made_of.read_text() != self._digest():
            raise JobError(
                f"{self.out}: expected a run of this recipe, texts and model, found another's; name another"
            )
        draft = self.out / f".{MADE_OF}"
        if not made_of.exists() and self.out.exists() and set(self.out.iterdir()) - {draft}:
            raise JobError(f"{self.out}: expected an empty folder or one with a run, found something else")
        self.out.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_drafts(self.out)
        draft.write_text(self._digest())
        draft.replace(made_of)

    def _digest(self) -> str:
        """Of the recipe, the texts, and the model by its settings and the sizes of its files."""
        config = self.base / "config.json"
        sizes = sorted((path.name, path.stat().st_size) for path in self.base.glob("*.safetensors"))
        # What a recipe could say by now, and does not, makes no other run.
        said = self.recipe.model_dump_json(exclude_none=True)
        told = (said, self.found, config.exists() and config.read_text(), sizes)
        return sha256(repr(told).encode()).hexdigest()


def _asked(coded: Coded, coder: Coder, most: int) -> Asked:
    """Contexts that leave an answer no room within the longest text are left out."""
    watched, told = coded.watched, {}
    for context, samples in contexts(spread_out(coded.forget, most), coded.retain).items():
        with suppress(SampleError):
            told[context] = coder.encode_all(samples)
    asked = spread_out(coded.forget, most)
    reworded = [replace(one, answer=one.reworded or one.answer, key="") for one in asked]
    wrong = [coder.encode_all(replace(one, answer=said, key="") for said in one.wrong) for one in asked]
    paraphrased, wrong = (coder.encode_all(reworded), wrong) if all(wrong) else ((), [])
    return Asked(watched.forget, watched.retain, watched.holdout, paraphrased, wrong, told)


def _plain(folder: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)


def _measured(model: Any, asked: Asked, part: ReportPart) -> Measured:
    lessons = Lessons(part.relearn_steps, part.relearn_rate) if part.relearn_steps else None
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    return measure(model, asked, Effort(bits=part.bits, lessons=lessons))


def _is_first() -> bool:
    """Of the processes of one run."""
    return os.environ.get("RANK", "0") == "0"
