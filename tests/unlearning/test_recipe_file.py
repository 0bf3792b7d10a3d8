"""A recipe says what is wrong with it, with the line."""

from pathlib import Path

import pytest

from unlearning.recipe_file import RecipeError, load_recipe

FINE = """
model: llama
method: wga
data:
  policy: policy.yaml
  holdout: [holdout.jsonl]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(text)
    return path


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    recipe = load_recipe(written(tmp_path, FINE))
    assert (recipe.method, recipe.tuning, recipe.lora.rank) == ("wga", "lora", 16)
    assert recipe.data.policy == Path("policy.yaml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "model"),
        (FINE + "epochs: 3\n", r"recipe.yaml:7: epochs"),
        (FINE + "rate: fast\n", r"recipe.yaml:7: rate"),
        (FINE + "batch: 0\n", r"recipe.yaml:7: batch"),
        (
            FINE + "batch: 10\nportions: 4\n",
            r"recipe.yaml:8: portions: expected a number that divides the batch",
        ),
        (FINE + "terms: [{loss: ga}]\n", "either `method` or `terms`"),
        (FINE.replace("method: wga", "seed: 1"), "either `method` or `terms`"),
        (FINE.replace("holdout: [holdout.jsonl]", "holdout: []"), "data.holdout"),
        (FINE + "model: again\n", "every key once"),
        (FINE + "weights: {nll: -3}\n", r"weights\.nll: expected at least 0"),
        (FINE + "batch: 1000000000\n", r"batch: expected at most 65536"),
        (FINE + f"seed: {2**32}\n", r"seed: expected at most"),
        (FINE + "stop: {budget: 0.6}\n", r"stop\.budget: expected no more than `most_lost`"),
        ("model: [", "a syntax error"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(RecipeError, match=expected):
        load_recipe(written(tmp_path, text))


def test_a_recipe_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"none\.yaml"):
        load_recipe(tmp_path / "none.yaml")
