"""The recipes that ship can be run as they are."""

from pathlib import Path

import pytest

from unlearning.dataset import read_dataset
from unlearning.plan import make_plan
from unlearning.recipe_file import load_recipe

EXAMPLES = Path(__file__).parents[2] / "examples"
RECIPES = sorted([*(EXAMPLES / "unlearn").glob("*.yaml"), EXAMPLES / "demo" / "unlearn.yaml"])


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_has_a_method_that_runs(path: Path) -> None:
    recipe = load_recipe(path)
    plan = make_plan(recipe)
    assert len(plan.terms) >= 2
    assert all(term.weight > 0 for term in plan.terms)


def test_the_demo_recipe_has_its_texts() -> None:
    path = EXAMPLES / "demo" / "unlearn.yaml"
    recipe = load_recipe(path)
    found = read_dataset(recipe.data, path.parent)
    assert len({sample.id.partition("#")[0] for sample in found.forget}) == 20
    assert len(found.retain) > len(found.forget)
    assert len(found.holdout) >= 100
    assert (path.parent / recipe.model / "config.json").is_file()
