"""A run's gradient doesn't depend on how a batch is split up; it goes on where it stopped, and never half."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_pre_hook

from index.encoder import MiniLM
from unlearning.dataset import read_dataset
from unlearning.encoding import Coder
from unlearning.loading import load
from unlearning.plan import make_plan
from unlearning.recipe import Recipe
from unlearning.run import Ended, unlearn
from unlearning.stopping import Recall
from unlearning.unlearner import DivergedError, checkpoints

Make = Callable[..., Recipe]
# A look at the end alone, so that no run ends early.
LATE = {"stop": {"every": 1000}}


def run(recipe: Recipe, folder: Path, out: str = "out") -> Ended:
    plan = make_plan(recipe)
    loaded = load(recipe, folder / recipe.model, needs_frozen=plan.needs_frozen)
    found = read_dataset(recipe.data, folder)
    return unlearn(recipe, plan, loaded, found, folder / out, MiniLM(), lambda *_: None)


def weights(ended: Ended) -> dict[str, torch.Tensor]:
    return {name: one.detach().clone() for name, one in ended.model.state_dict().items()}


@contextmanager
def lengths_of_gradients() -> Iterator[list[float]]:
    found: list[float] = []

    def seen(optimizer: Any, *_: Any) -> None:
        gradients = [
            one.grad for group in optimizer.param_groups for one in group["params"] if one.grad is not None
        ]
        found.append(float(torch.stack([one.double().norm() for one in gradients]).norm()))

    handle = register_optimizer_step_pre_hook(seen)
    try:
        yield found
    finally:
        handle.remove()


@pytest.mark.parametrize(
    "chosen",
    [{"method": name} for name in ("wga", "npo_kl", "rmu", "mollm")] + [{"method": "wga", "sharpness": 0.5}],
    ids=str,
)
def test_a_batch_in_portions_has_the_gradient_of_the_whole(
    folder: Path, make_recipe: Make, chosen: dict[str, Any]
) -> None:
    """Also where texts, not tokens, are counted, and where each term has a gradient of its own."""
    said = {**chosen, "batch": 16, "budget": {"steps": 1}, "clip": 1e9, **LATE}
    with lengths_of_gradients() as found:
        run(make_recipe(**said), folder, "whole")
        run(make_recipe(**said, portions=4), folder, "portions")
    assert found[0] > 0
    assert found[1] == pytest.approx(found[0], rel=1e-4)


def test_sharpness_takes_the_forget_gradient_elsewhere_and_nothing_else(
    folder: Path, make_recipe: Make
) -> None:
    """As far as nothing it is the plain gradient; further away it is another one."""
    said = {"method": "wga", "batch": 16, "budget": {"steps": 1}, "clip": 1e9, **LATE}
    with lengths_of_gradients() as found:
        for place, radius in enumerate((None, 1e-9, 0.5)):
            run(make_recipe(**said, sharpness=radius), folder, str(place))
        retained = {"terms": [{"loss": "wga", "weight": 0.0}, {"loss": "nll"}]} | {"method": None}
        for place, radius in enumerate((None, 0.5)):
            run(make_recipe(**{**said, **retained}, sharpness=radius), folder, f"retain {place}")
    plain, near, far, kept, kept_far = found
    assert near == pytest.approx(plain, rel=1e-4)
    assert far != pytest.approx(plain, rel=1e-2)
    assert kept_far == pytest.approx(kept, rel=1e-4)


def test_a_seed_says_all(folder: Path, make_recipe: Make) -> None:
    said = {"method": "wga", "budget": {"steps": 6}, **LATE}
    first, same = (weights(run(make_recipe(**said), folder, out)) for out in ("first", "same"))
    other = weights(run(make_recipe(**said, seed=1), folder, "other"))
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize(
    "said", [{"method": "wga", "average": {}}, {"method": "wga"}, {"method": "undial", "tuning": "lora"}]
)
def test_a_run_that_was_stopped_ends_as_if_it_never_was(
    folder: Path, make_recipe: Make, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = make_recipe(**said, budget={"steps": 12}, checkpoint_every=4, **LATE)
    whole = weights(run(recipe, folder, "whole"))
    with monkeypatch.context() as patch:
        patch.setattr("unlearning.rows.Rows.__getitem__", _dying_at(10 * recipe.batch))
        with pytest.raises(KeyboardInterrupt):
            run(recipe, folder, "stopped")
    assert [path.name for path in checkpoints(folder / "stopped")] == ["checkpoint-4", "checkpoint-8"]
    resumed = run(recipe, folder, "stopped")
    assert all(torch.equal(whole[name], one) for name, one in weights(resumed).items())
    assert resumed.looks[-1].step == 12


def _dying_at(last: int) -> Callable[..., Any]:
    from unlearning.rows import Rows

    reads = Rows.__getitem__

    def read(rows: Rows, place: int) -> Any:
        if place >= last:
            raise KeyboardInterrupt
        return reads(rows, place)

    return read


def test_a_run_that_had_ended_is_not_trained_on(folder: Path, make_recipe: Make) -> None:
    """Its stop rule ended it, long before the budget would have."""
    recipe = make_recipe(method="wga", stop={"every": 5}, budget={"steps": 100})
    first = run(recipe, folder)
    ended = weights(first)
    again = run(recipe, folder)
    assert first.looks[-1].step < 100
    assert again.looks == first.looks
    assert all(torch.equal(ended[name], one) for name, one in weights(again).items())


def test_a_loss_that_is_no_number_ends_the_run(folder: Path, make_recipe: Make) -> None:
    recipe = make_recipe(method="ga", rate=1e30, clip=1e30, budget={"steps": 20}, **LATE)
    with pytest.raises(DivergedError, match=r"step \d+: expected a number from ga, got"):
        run(recipe, folder)


def test_a_full_disk_leaves_no_half_checkpoint(folder: Path, make_recipe: Make) -> None:
    recipe = make_recipe(method="wga", budget={"steps": 4}, checkpoint_every=2, **LATE)
    with full_disk(), pytest.raises(OSError, match="checkpoint-2: could not be written"):
        run(recipe, folder)
    assert list((folder / "out").iterdir()) == []
    assert run(recipe, folder).looks[-1].step == 4


@contextmanager
def full_disk(left: int = 20_000) -> Iterator[None]:
    """No file may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (left, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_unlearning_brings_down_what_is_known(folder: Path, make_recipe: Make) -> None:
    ended = run(make_recipe(method="wga", stop={"every": 5}, budget={"steps": 100}), folder)
    first, last = ended.looks[0], ended.looks[-1]
    assert ended.before.retain == Recall(1.0, 1.0)
    assert last.forget <= ended.before.floor < first.forget
    assert last.retain >= 0.95


def test_the_coder_of_a_run_cuts_nothing_of_these_texts(folder: Path, make_recipe: Make) -> None:
    recipe = make_recipe(method="wga")
    loaded = load(recipe, folder / "full", needs_frozen=False)
    coder = Coder(loaded.tokenizer, recipe.data.longest)
    found = read_dataset(recipe.data, folder)
    assert all(coder.encode(sample).ids[-1] == loaded.tokenizer.eos_token_id for sample in found.forget)
