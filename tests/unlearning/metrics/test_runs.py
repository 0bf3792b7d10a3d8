"""What is measured on a model that learns again, or that has the states of another."""

import numpy as np
import pytest
import torch

from tests.unlearning.metrics.tiny import gpt2, llama, row
from unlearning.metrics.depth import unlearning_depth
from unlearning.metrics.depth_run import drops, layers_of
from unlearning.metrics.relearning_run import Lessons, relearn
from unlearning.metrics.scoring import score

ROWS = [row("a", 3, 4, (1, 2)), row("bb", 2, 3, (0,)), row("ccc", 4, 2)]


def test_what_is_taught_is_learnt_and_the_model_stays_as_it_was() -> None:
    model = llama()
    before = {name: weights.clone() for name, weights in model.state_dict().items()}
    curve = relearn(model, ROWS[:2], ROWS[2:], Lessons(steps=25, rate=0.01, batch=2, every=10))
    assert [point.step for point in curve.points] == [0, 10, 20, 25]
    assert curve.points[0].taught < 1 == curve.points[-1].taught
    assert all(torch.equal(before[name], weights) for name, weights in model.state_dict().items())


def test_the_same_seed_gives_the_same_curve_and_touches_nobody_elses_chance() -> None:
    lessons = Lessons(steps=4, rate=0.003, batch=1, every=1, seed=3)
    torch.manual_seed(7)
    expected = torch.rand(3).tolist()
    torch.manual_seed(7)
    one = relearn(gpt2(), ROWS[:2], ROWS[2:], lessons)
    assert torch.rand(3).tolist() == expected
    assert one == relearn(gpt2(), ROWS[:2], ROWS[2:], lessons)


def test_weights_that_were_frozen_are_taught_too() -> None:
    frozen = llama().requires_grad_(False)
    curve = relearn(frozen, ROWS[:2], ROWS[2:], Lessons(steps=25, rate=0.01, batch=2))
    assert curve.points[-1].taught == 1
    assert not any(weights.requires_grad for weights in frozen.parameters())


@pytest.mark.parametrize("make", [llama, gpt2])
def test_its_own_states_cost_a_model_nothing_in_any_layer(make: type) -> None:
    model = make()
    found = drops(model, model, ROWS)
    assert found.shape == (3, len(layers_of(model)))
    assert np.abs(found).max() < 1e-5


@pytest.mark.parametrize("batch", [1, 3])
def test_the_states_of_the_last_layer_bring_the_other_models_odds(batch: int) -> None:
    """Past the last layer there is but the head, which is the same here."""
    full, other = llama(0), llama(1)
    other.lm_head.load_state_dict(full.lm_head.state_dict())
    other.model.norm.load_state_dict(full.model.norm.state_dict())
    keys = [np.array([one.logp[one.telling].mean() for one in score(model, ROWS)]) for model in (full, other)]
    found = drops(full, other, ROWS, batch)
    assert found[:, -1] == pytest.approx(keys[0] - keys[1], abs=1e-4)


def test_a_model_that_differs_only_high_up_costs_nothing_below() -> None:
    full, other = llama(0), llama(0)
    with torch.no_grad():
        other.model.layers[2].mlp.down_proj.weight.mul_(-1)
    found = drops(full, other, ROWS)
    assert np.abs(found[:, :2]).max() < 1e-5
    assert np.abs(found[:, 2]).max() > 0.01


def test_both_models_are_left_without_hooks() -> None:
    full, other = llama(0), llama(1)
    before = score(full, ROWS)[0].logp
    drops(full, other, ROWS)
    assert (score(full, ROWS)[0].logp == before).all()
    assert not any(layer._forward_hooks for model in (full, other) for layer in layers_of(model))


def test_gold_itself_is_as_deep_as_can_be_and_full_not_at_all() -> None:
    full, gold = llama(0), llama(1)
    lost = drops(full, gold, ROWS)
    deep = [unlearning_depth(one, one) for one in lost if (one > 0.05).any()]
    shallow = [unlearning_depth(one, none) for one, none in zip(lost, drops(full, full, ROWS), strict=True)]
    assert deep
    assert deep == pytest.approx([1.0] * len(deep))
    assert shallow == [None if one is None else pytest.approx(0, abs=1e-3) for one in shallow]
