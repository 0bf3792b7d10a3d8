"""The recipes that ship can be run as they are."""

from pathlib import Path

import pytest

from unlearning.dataset import read_dataset
from unlearning.plan import make_plan
from unlearning.recipe_file import load_recipe

EXAMPLES = Path(__file__).parents[2] / "examples"
DEMO = sorted((EXAMPLES / "demo").glob("unlearn*.yaml"))
RECIPES = [*sorted((EXAMPLES / "unlearn").glob("*.yaml")), *DEMO]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_has_a_method_that_runs(path: Path) -> None:
    recipe = load_recipe(path)
    plan = make_plan(recipe)
    assert len(plan.terms) >= 2
    assert all(term.weight > 0 for term in plan.terms)


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_the_demo_recipes_have_their_texts(path: Path) -> None:
    recipe = load_recipe(path)
    found = read_dataset(recipe.data, path.parent)
    assert len({sample.id.partition("#")[0] for sample in found.forget}) == 20
    assert len(found.retain) > len(found.forget)
    # What the policy retains, too, is learnt as the question that it is.
    assert all(sample.prompt for sample in found.retain)
    assert len(found.holdout) >= 100
    assert (path.parent / recipe.model / "config.json").is_file()
