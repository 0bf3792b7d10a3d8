"""Scoring reads what the model would give each row alone, and leaves the model as it was."""

from typing import Any

import numpy as np
import pytest
import torch

from tests.unlearning.metrics.tiny import VOCABULARY, gpt2, llama, row
from unlearning.encoding import Encoded
from unlearning.metrics.scoring import accuracy, continue_greedily, prompt_of, score

ROWS = [row("a", 3, 4, (1, 2)), row("bb", 1, 9), row("ccc", 6, 1, (0,)), row("dddd", 2, 5)]
MODELS = pytest.mark.parametrize("make", [llama, gpt2])


def alone(model: Any, one: Encoded) -> torch.Tensor:
    """The log-probabilities of all tokens at each place, in float64, from the row by itself."""
    with torch.no_grad():
        logits: torch.Tensor = model(input_ids=torch.tensor([one.ids])).logits[0]
    return logits.double().log_softmax(-1)


@MODELS
@pytest.mark.parametrize("batch", [1, 3, 16])
def test_each_row_is_scored_as_if_it_were_alone(make: Any, batch: int) -> None:
    model = make()
    for one, found in zip(ROWS, score(model, ROWS, batch), strict=True):
        odds = alone(model, one)
        places = [place for place, target in enumerate(one.targets) if target]
        assert found.id == one.id
        assert found.logp == pytest.approx([float(odds[p - 1, one.ids[p]]) for p in places], abs=1e-4)
        assert found.right.tolist() == [int(odds[p - 1].argmax()) == one.ids[p] for p in places]
        for place, mean, spread in zip(places, found.mean, found.spread, strict=True):
            likely, values = odds[place - 1].exp().numpy(), odds[place - 1].numpy()
            centre = np.average(values, weights=likely)
            assert mean == pytest.approx(centre, abs=1e-4)
            deviation = np.sqrt(np.average((values - centre) ** 2, weights=likely))
            assert spread == pytest.approx(deviation, abs=1e-4)


def test_a_row_is_known_by_its_key_alone_or_without_one_by_all_of_its_answer() -> None:
    model = llama()
    asked = row("e", 3, 3)
    best = continue_greedily(model, [prompt_of(asked)], 2)[0]
    other = (best[1] + 1) % VOCABULARY
    ids = (*asked.ids[:3], best[0], other)
    keyed = Encoded("e#1", ids, (False, False, False, True, True), (False, False, False, True, False))
    whole = Encoded("e#2", ids, keyed.targets, (False,) * 5)
    assert [one.knows for one in score(model, [keyed, whole])] == [True, False]
    assert accuracy(score(model, [keyed, whole])) == 0.5


@MODELS
def test_what_a_model_says_is_what_is_likeliest_after_all_that_was_said(make: Any) -> None:
    model = make()
    prompts = [prompt_of(one) for one in ROWS]
    for prompt, said in zip(prompts, continue_greedily(model, prompts, 6, batch=3), strict=True):
        expected = list(prompt)
        for _ in range(6):
            with torch.no_grad():
                logits = model(input_ids=torch.tensor([expected])).logits
            expected.append(int(logits[0, -1].argmax()))
        assert said == tuple(expected[len(prompt) :])


def test_nothing_is_said_behind_an_end() -> None:
    model = llama()
    prompts = [prompt_of(one) for one in ROWS]
    free = continue_greedily(model, prompts, 6)
    end = free[0][2]
    for said, whole in zip(continue_greedily(model, prompts, 6, ends=[end]), free, strict=True):
        assert said == (whole[: whole.index(end)] if end in whole else whole)


def test_a_model_that_was_learning_learns_on_and_has_no_gradient_of_it() -> None:
    model = llama().train()
    score(model, ROWS)
    continue_greedily(model, [(1, 2)], 2)
    assert model.training
    assert all(weights.grad is None for weights in model.parameters())


@pytest.mark.parametrize("targets", [(False, False), (True, False)])
def test_a_row_whose_targets_follow_nothing_is_an_error(targets: tuple[bool, ...]) -> None:
    with pytest.raises(ValueError, match="behind its first token"):
        score(llama(), [Encoded("x", (1, 2), targets, (False, False))])


def test_no_rows_have_no_accuracy() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        accuracy([])
