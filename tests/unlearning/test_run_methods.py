"""Methods that read more than texts run by a recipe like all others."""

from collections.abc import Callable
from pathlib import Path

import pytest

from index.encoder import MiniLM
from unlearning.dataset import read_dataset
from unlearning.encoding import Coder
from unlearning.loading import load
from unlearning.plan import make_plan
from unlearning.recipe import Recipe
from unlearning.run import unlearn
from unlearning.stopping import recalled


def test_a_fixed_run_takes_all_its_steps(folder: Path, make_recipe: Callable[..., Recipe]) -> None:
    """Here all is forgotten, and all else lost, before them."""
    stop = {"every": 2, "margin": 0.9, "budget": 1.0, "most_lost": 1.0}
    steps = {}
    for name, more in (("until", {}), ("fixed", {"fixed": True})):
        recipe = make_recipe(method="ga", budget={"steps": 6}, stop=stop | more)
        loaded, found = load(recipe, folder / "full", needs_frozen=False), read_dataset(recipe.data, folder)
        out = folder / name
        ended = unlearn(recipe, make_plan(recipe), loaded, found, out, MiniLM(), lambda *_: None)
        steps[name] = [(look.step, str(look.outcome)) for look in ended.looks][-1]

    assert steps == {"until": (2, "reached"), "fixed": (6, "out of steps")}


@pytest.mark.parametrize("method", ["chen", "divergence_distil"])
def test_what_is_forgotten_is_said_less_after_some_steps(
    folder: Path, make_recipe: Callable[..., Recipe], method: str
) -> None:
    recipe = make_recipe(
        method=method, rate=3e-3, budget={"steps": 20}, stop={"every": 20, "budget": 1.0, "most_lost": 1.0}
    )
    plan = make_plan(recipe)
    loaded = load(recipe, folder / "full", needs_frozen=plan.needs_frozen)
    found = read_dataset(recipe.data, folder)
    rows = Coder(loaded.tokenizer, recipe.data.longest).encode_all(found.forget)
    before = recalled(loaded.model, rows)
    ended = unlearn(recipe, plan, loaded, found, folder / "out", MiniLM(), lambda *_: None)

    assert ended.looks[-1].forget < before - 0.1
