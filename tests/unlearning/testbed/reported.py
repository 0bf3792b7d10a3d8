"""What the report of a run tells of the testbed's models, figure by figure."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from transformers import LlamaForCausalLM

from unlearning.encoding import Coder
from unlearning.metrics.relearning_run import Lessons
from unlearning.report.asked import Asked, Effort
from unlearning.report.contexts import contexts
from unlearning.report.depth import depth
from unlearning.report.figure import Figure, Group
from unlearning.report.making import report_of
from unlearning.report.measured import Measured
from unlearning.report.measuring import measure
from unlearning.report.models import Models
from unlearning.samples import SampleError
from unlearning.testbed.models import Trio
from unlearning.testbed.tokenizer import word_tokenizer
from unlearning.testbed.world import World

LONGEST = 64
EFFORT = Effort(lessons=Lessons(steps=40, rate=5e-4, batch=16, every=20))


def asked(world: World) -> Asked:
    coder = Coder(word_tokenizer(), LONGEST)
    forget, retain, holdout = (
        [fact.sample for fact in facts] for facts in (world.forget, world.retain, world.holdout)
    )
    told = {}
    for context, samples in contexts(forget, retain).items():
        with suppress(SampleError):
            told[context] = coder.encode_all(samples)
    return Asked(
        coder.encode_all(forget),
        coder.encode_all(retain),
        coder.encode_all(holdout),
        coder.encode_all(fact.paraphrase for fact in world.forget),
        [coder.encode_all(fact.wrong) for fact in world.forget],
        told,
    )


def measured(world: World, trio: Trio) -> Mapping[str, Measured]:
    """The full model, gold and the second gold, each asked the same."""
    questions = asked(world)
    folders = {"full": trio.full, "gold": trio.gold, "second": trio.second}
    return {name: measure(_model(folder), questions, EFFORT) for name, folder in folders.items()}


def depth_of(world: World, trio: Trio, folder: Path) -> float:
    """In how many layers what was to be forgotten is gone of the model in the folder."""
    rows = asked(world).forget
    (figure,) = depth(_model(trio.full), _model(folder), _model(trio.gold), rows)
    return figure.after


def figures(models: Models) -> Sequence[Figure]:
    """Those of what is forgotten."""
    every = report_of(models, "model", "none").figures
    return [one for one in every if one.group is not Group.UTILITY]


def outside(some: Sequence[Figure]) -> list[str]:
    """The names of those that a band judges and finds outside."""
    return [one.name for one in some if one.within is False]


def judging(some: Sequence[Figure]) -> list[str]:
    return [one.name for one in some if one.within is not None]


def _model(folder: Path) -> Any:
    return LlamaForCausalLM.from_pretrained(folder)
