"""Away from the old answer, towards the nearest cluster of wanted ones."""

import numpy as np
import pytest
import torch
from hypothesis import given

from tests.unlearning.losses.drawn import Array, Case, Drawn, cases, few, learnt, written
from unlearning.losses.chen import centres, chen_negative, chen_positive, picked
from unlearning.losses.forecast import BatchError, Hidden


def means(batch: Drawn, values: Array) -> list[Array]:
    return [
        np.mean([row for row, place in batch.rows(values) if place.text == text], axis=0)
        for text in range(batch.texts)
    ]


def cosine(left: Array, right: Array) -> float:
    return float(left @ right / np.sqrt((left @ left) * (right @ right)))


@few
@given(cases)
def test_the_negative_is_what_is_written_out(case: Case) -> None:
    batch = case.batch()
    frozen = case.again(batch)
    before = means(frozen, frozen.values)

    def reference(values: Array) -> float:
        return sum(cosine(now, then) for now, then in zip(means(batch, values), before, strict=True))

    assert learnt(
        lambda values: chen_negative(batch.hidden(values), frozen.at_places()), case, batch
    ) == written(reference, case.texts, case, batch)


@few
@given(cases)
def test_the_positive_is_what_is_written_out(case: Case) -> None:
    batch = case.batch()
    wanted = case.array(2, case.width)

    def reference(values: Array) -> float:
        return sum(1 - max(cosine(now, centre) for centre in wanted) for now in means(batch, values))

    assert learnt(
        lambda values: chen_positive(batch.hidden(values), torch.from_numpy(wanted)), case, batch
    ) == written(reference, case.texts, case, batch)


def test_clusters_of_wanted_answers_have_their_means() -> None:
    answers = torch.tensor([[0.0, 0.0], [0.0, 2.0], [10.0, 0.0], [10.0, 2.0]])

    assert sorted(centres(answers, 2, seed=0).tolist()) == [[0, 1], [10, 1]]
    assert centres(answers, 1, seed=0).tolist() == [[5, 1]]
    with pytest.raises(ValueError, match="1 to 4 clusters"):
        centres(answers, 5, seed=0)


def test_the_evaluator_picks_what_it_scores_at_the_threshold_or_above() -> None:
    assert picked(["a", "bb", "ccc"], evaluator=len, threshold=2) == ["bb", "ccc"]


def test_centres_of_another_width_are_refused() -> None:
    hidden = Hidden.of(torch.ones(1, 2, 3), torch.tensor([[-100, 0]]))

    with pytest.raises(BatchError, match="centres of width 3"):
        chen_positive(hidden, torch.ones(2, 4))
