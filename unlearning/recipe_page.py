"""Writes the settings of a recipe down for people: `python -m unlearning.recipe_page > docs/recipes.md`."""

import sys

from policy import settings_table
from unlearning.recipe import Recipe

HEAD = """# Recipes

Made by `python -m unlearning.recipe_page`; a test compares the two. How a recipe is run is told in
[unlearn.md](unlearn.md), what methods and losses there are in [methods.md](methods.md); recipes to start from
are in [examples/unlearn](../examples/unlearn). An unknown setting is an error with its line.

"""


def page() -> str:
    return HEAD + settings_table.HEAD + "\n".join(settings_table.rows(Recipe)) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
