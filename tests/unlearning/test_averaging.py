"""A run that averages ends with the average of the weights that it passed through."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from index.encoder import MiniLM
from unlearning.dataset import read_dataset
from unlearning.encoding import Coder
from unlearning.loading import load
from unlearning.plan import make_plan
from unlearning.recipe import Recipe
from unlearning.run import unlearn
from unlearning.stopping import recalled


@pytest.mark.parametrize("decay", [None, 0.5])
def test_what_is_looked_at_and_left_is_the_average_of_all_steps(
    folder: Path, make_recipe: Callable[..., Recipe], decay: float | None
) -> None:
    recipe = make_recipe(
        method="wga", rate=3e-3, budget={"steps": 4}, stop={"every": 4}, average={"decay": decay}
    )
    loaded = load(recipe, folder / "full", needs_frozen=False)
    found, passed = read_dataset(recipe.data, folder), list[torch.Tensor]()
    weights = loaded.model.model.embed_tokens.weight

    def seen(*_: Any) -> None:
        passed.append(weights.detach().clone())

    handle = register_optimizer_step_post_hook(seen)
    ended = unlearn(recipe, make_plan(recipe), loaded, found, folder / "out", MiniLM(), lambda *_: None)
    handle.remove()
    shares = [0.25] * 4 if decay is None else [0.125, 0.125, 0.25, 0.5]
    rows = Coder(loaded.tokenizer, recipe.data.longest).encode_all(found.forget)

    assert torch.allclose(weights, sum(share * one for share, one in zip(shares, passed, strict=True)))
    assert not torch.equal(weights, passed[-1])
    assert ended.looks[-1].forget == recalled(ended.model, rows)
