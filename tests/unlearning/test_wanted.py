"""The centres of wanted answers are the means of their mean states."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from unlearning.dataset import read_dataset
from unlearning.encoding import Coder
from unlearning.loading import load
from unlearning.recipe import Recipe
from unlearning.wanted import wanted_centres


def test_of_one_cluster_it_is_the_mean_over_answers_of_the_mean_over_places(
    folder: Path, make_recipe: Callable[..., Recipe]
) -> None:
    recipe = make_recipe(method="chen")
    loaded = load(recipe, folder / "full", needs_frozen=False)
    coder = Coder(loaded.tokenizer, recipe.data.longest)
    rows = coder.encode_all(read_dataset(recipe.data, folder).retain[:5])
    means = []
    for row in rows:
        with torch.no_grad():
            states = loaded.model(torch.tensor([row.ids]), output_hidden_states=True).hidden_states[1][0]
        before = [place - 1 for place, target in enumerate(row.targets) if target]
        means.append(states[before].mean(0))
    found = wanted_centres(loaded.model, rows, coder, layer=1, clusters=1, seed=0)

    assert found.tolist() == [pytest.approx(torch.stack(means).mean(0).tolist(), abs=1e-5)]


def test_answers_that_are_all_the_same_have_one_centre(
    folder: Path, make_recipe: Callable[..., Recipe]
) -> None:
    recipe = make_recipe(method="chen")
    loaded = load(recipe, folder / "full", needs_frozen=False)
    coder = Coder(loaded.tokenizer, recipe.data.longest)
    rows = coder.encode_all(read_dataset(recipe.data, folder).retain[:1]) * 3

    assert len(wanted_centres(loaded.model, rows, coder, layer=1, clusters=3, seed=0)) == 1
