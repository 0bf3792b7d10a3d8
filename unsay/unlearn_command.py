"""`unsay unlearn`: weights that know less, by a recipe."""

from pathlib import Path
from typing import Annotated

import typer

from unsay.console import fail, failures, note, progress_line, say


def unlearn(
    recipe: Annotated[Path, typer.Argument(help="The recipe (YAML).")],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run. Default: beside the recipe, with its name.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What the model server calls the result. Default: the folder's name.")
    ] = None,
) -> None:
    """Unlearn in the weights of an open model what a policy's entries say, and report what is left.

    The same command goes on where a run was stopped. The result is suppressed, not erased: the report says
    what the gateway must go on guarding.

    Examples:

      unsay unlearn recipe.yaml                       what to serve and a report, in the folder `recipe`

      unsay unlearn recipe.yaml --out runs/takedown   in another folder

      accelerate launch --module unsay unlearn recipe.yaml        on several cards
    """
    _check_installed()
    from transformers.utils import logging

    from unlearning.dataset import DataError
    from unlearning.job import Job, JobError
    from unlearning.loading import ModelError
    from unlearning.losses.forecast import BatchError
    from unlearning.plan import PlanError
    from unlearning.recipe_file import RecipeError
    from unlearning.routing import fragment, serving
    from unlearning.samples import SampleError
    from unlearning.unlearner import DivergedError

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    folder = out or recipe.with_suffix("")
    called = name or folder.name
    with failures(
        RecipeError,
        PlanError,
        DataError,
        JobError,
        ModelError,
        SampleError,
        BatchError,
        DivergedError,
        OSError,
    ):
        job = Job.of(recipe, folder)
        ended = job.train(progress_line())
        if ended is not None:
            note(f"{ended.looks[-1].outcome} after {ended.looks[-1].step} steps")
        note("asking both models what they know")
        job.tell(called, f"unsay unlearn {recipe}")
    say(f"# serve it: {serving(job.base, job.exported, called)}")
    say(f"# what it still knows: {job.report / 'report.md'}")
    say("# in unsay.yaml:")
    say(fragment(job.base.name, job.base.name, called))


def _check_installed() -> None:
    from importlib.util import find_spec

    if find_spec("peft") is None:
        fail("expected the extra `unlearn`, found it not installed; run: pip install 'unsay[unlearn]'")
