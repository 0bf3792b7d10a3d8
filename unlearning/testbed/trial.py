"""One method on one seed's full model: unlearnt by a recipe as users write it, then measured.

Rule: every method gets the same texts, learning rate, steps and stop rule; none is shown the gold model.
"""

import time
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from transformers import AutoTokenizer, LlamaForCausalLM

from index.encoder import MiniLM
from unlearning.dataset import read_dataset
from unlearning.encoding import Coder
from unlearning.loading import load
from unlearning.losses.catalogue import METHODS
from unlearning.losses.task_vector import task_vector
from unlearning.plan import make_plan
from unlearning.recipe import BudgetPart, CombinerPart, DataPart, Recipe, StopPart, TermPart
from unlearning.run import unlearn
from unlearning.testbed.learning import LONGEST, Course, learn
from unlearning.testbed.tokenizer import IDLE

RATE: Final = 3e-4
STEPS: Final = 600
TASK_VECTOR: Final = "task_vector"
TUNING: Final = Course(epochs=5, rate=RATE)
ALPHA: Final = 5.0
PRUNED: Final = 0.1
# What a method must be told besides its name: a bound above the retain loss of a model that knows its texts.
OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "pdu": {"combiner": CombinerPart(name="primal_dual", options={"bound": 0.1})}
}


def _beside(loss: str) -> Mapping[str, Any]:
    """With a retain term, as who has retain texts can run a method that reads none."""
    return {"method": None, "terms": (TermPart(loss=loss), TermPart(loss="nll"))}


# Recipes that go beyond a published method.
VARIANTS: Final[Mapping[str, Mapping[str, Any]]] = {
    **{f"{loss}+nll": _beside(loss) for loss in ("undial", "shred", "ceu")},
    **{f"{method}+sharpness": {"method": method, "sharpness": 0.01} for method in ("wga", "uce")},
    **{f"{method}+pruned": {"method": method, "prune": PRUNED} for method in ("wga", "uce")},
    **{f"{loss}+nll+pruned": {**_beside(loss), "prune": PRUNED} for loss in ("undial", "shred")},
}


@dataclass(frozen=True, slots=True)
class Unlearnt:
    model: Any
    outcome: str
    steps: int
    seconds: float


def trial(method: str, full: Path, texts: Path, seed: int, rate: float = RATE) -> Unlearnt:
    """`texts` is the folder with the groups' files."""
    if method == TASK_VECTOR:
        return _task_vector(full, texts, seed)
    recipe = recipe_for(method, full, seed, rate)
    plan = make_plan(recipe)
    loaded = load(recipe, full, needs_frozen=plan.needs_frozen)
    with TemporaryDirectory() as out:
        ended = unlearn(
            recipe, plan, loaded, read_dataset(recipe.data, texts), Path(out), MiniLM(), lambda *_: None
        )
    last = ended.looks[-1]
    return Unlearnt(ended.model, last.outcome.value, last.step, last.seconds)


def recipe_for(method: str, full: Path, seed: int, rate: float = RATE) -> Recipe:
    data = DataPart(
        forget=(Path("forget.jsonl"),),
        retain=(Path("retain.jsonl"),),
        holdout=(Path("holdout.jsonl"),),
        alternatives=IDLE,
        longest=2 * LONGEST,
    )
    said = VARIANTS.get(method) or {"method": method, **OPTIONS.get(method, {})}
    return Recipe(
        model=str(full),
        data=data,
        tuning="full",
        rate=rate,
        seed=seed,
        stop=StopPart(items=256),
        budget=BudgetPart(steps=STEPS),
        checkpoint_every=STEPS,
        **said,
    )


def methods() -> tuple[str, ...]:
    """All there are."""
    return (*METHODS, *VARIANTS, TASK_VECTOR)


def _task_vector(full: Path, texts: Path, seed: int) -> Unlearnt:
    """No stop rule: one addition, after a second reading of what is forgotten."""
    began = time.monotonic()
    model = LlamaForCausalLM.from_pretrained(full)
    start = deepcopy(model.state_dict())
    coder = Coder(AutoTokenizer.from_pretrained(full), LONGEST)
    rows = coder.encode_all(read_dataset(recipe_for("ga", full, seed).data, texts).forget)
    learn(model, coder, rows, TUNING, seed)
    model.load_state_dict(task_vector(start, model.state_dict(), alpha=ALPHA))
    return Unlearnt(model, "done", 0, time.monotonic() - began)
