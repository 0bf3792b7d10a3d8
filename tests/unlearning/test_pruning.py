"""A run that prunes begins without the weights that serve what is forgotten, once."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from index.encoder import MiniLM
from unlearning.dataset import read_dataset
from unlearning.encoding import Coder
from unlearning.loading import load
from unlearning.plan import make_plan
from unlearning.pruning import pruned
from unlearning.recipe import Recipe
from unlearning.run import unlearn
from unlearning.stopping import recalled


def test_what_is_forgotten_is_recalled_less_at_once_and_what_stays_is_kept_better(
    folder: Path, make_recipe: Callable[..., Recipe]
) -> None:
    recipe = make_recipe(method="wga", prune=0.1)
    loaded, found = load(recipe, folder / "full", needs_frozen=False), read_dataset(recipe.data, folder)
    coder = Coder(loaded.tokenizer, recipe.data.longest)
    forget, retain = coder.encode_all(found.forget), coder.encode_all(found.retain)
    before = recalled(loaded.model, forget), recalled(loaded.model, retain)
    norm = loaded.model.model.norm.weight.clone()
    pruned(loaded.model, coder, forget, retain, 0.1)

    assert recalled(loaded.model, forget) < before[0] - 0.1
    assert before[1] - recalled(loaded.model, retain) < before[0] - recalled(loaded.model, forget)
    assert torch.equal(loaded.model.model.norm.weight, norm)
    for matrix in (one for one in loaded.model.parameters() if one.ndim > 1):
        assert 0 < (matrix == 0).sum() <= 0.1 * matrix.numel()


def test_a_run_that_goes_on_does_not_prune_again(
    folder: Path, make_recipe: Callable[..., Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = make_recipe(
        method="wga", prune=0.1, budget={"steps": 4}, checkpoint_every=2, stop={"every": 4, "most_lost": 1.0}
    )
    times: list[float] = []
    monkeypatch.setattr("unlearning.run.pruned", lambda *given: times.append(given[-1]))
    for _ in range(2):
        loaded, found = load(recipe, folder / "full", needs_frozen=False), read_dataset(recipe.data, folder)
        ended = unlearn(recipe, make_plan(recipe), loaded, found, folder / "out", MiniLM(), lambda *_: None)
    assert ended.looks[-1].step == 4
    assert times == [0.1]


def test_an_adapter_can_not_prune(make_recipe: Callable[..., Recipe]) -> None:
    with pytest.raises(ValidationError, match="an adapter leaves all weights"):
        make_recipe(method="wga", prune=0.1, tuning="lora")
