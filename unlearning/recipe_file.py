"""Reads a recipe. Every problem is told with its file, line and field, what was expected and found."""

import json
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from policy.faults import explain
from policy.problem import Problem
from policy.sources import SourceError, read_text
from policy.yaml_tree import Tree, read_tree
from unlearning.recipe import Recipe

LARGEST = 1 << 20


class RecipeError(ValueError):
    """The recipe can't be used; `problems` says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def load_recipe(path: Path) -> Recipe:
    """Raises RecipeError, and nothing else."""
    tree = _tree(path)
    try:
        # JSON, because pydantic's strict mode takes lists in JSON only.
        return Recipe.model_validate_json(json.dumps(tree.value or {}))
    except ValidationError as error:
        raise RecipeError(explain(error, Recipe, tree, str(path))) from None


def recipe_digest(recipe: Recipe) -> str:
    """The same for recipes that say the same."""
    return sha256(recipe.model_dump_json().encode()).hexdigest()


def _tree(path: Path) -> Tree:
    try:
        tree, problems = read_tree(read_text(path, str(path), LARGEST), str(path))
    except SourceError as error:
        raise RecipeError([error.problem]) from None
    if problems:
        raise RecipeError(problems)
    return tree
