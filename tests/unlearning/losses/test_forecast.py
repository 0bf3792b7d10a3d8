"""Only places of targets are left of a batch, whatever stands in prompts and padding."""

import numpy as np
import pytest
import torch
from hypothesis import given

from tests.unlearning.losses.drawn import Case, cases, few
from unlearning.losses.forecast import BatchError, Forecast, Hidden, Places


@few
@given(cases)
def test_a_forecast_holds_the_logits_before_each_target(case: Case) -> None:
    batch = case.batch()
    forecast = batch.forecast(torch.from_numpy(batch.values))

    assert forecast.targets.tolist() == [place.target for place in batch.places()]
    assert forecast.text.tolist() == [place.text for place in batch.places()]
    assert np.array_equal(forecast.logits.numpy(), np.stack([row for row, _ in batch.rows(batch.values)]))
    assert forecast.likelihoods().tolist() == pytest.approx(batch.likelihoods(batch.values))
    assert forecast.by_text(forecast.likelihoods()).tolist() == pytest.approx(batch.by_text(batch.values))
    assert forecast.lengths().sum() == len(forecast)


@few
@given(cases)
def test_padding_on_either_side_changes_nothing(case: Case) -> None:
    batch = case.batch()
    logits, labels = torch.from_numpy(batch.values), torch.from_numpy(batch.labels.copy())
    # A first token is no target; with padding before it, it would be one.
    labels[:, 0] = -100
    plain = Forecast.of(logits, labels)
    for before, after in ((0, 3), (2, 0)):
        padded = torch.full((case.texts, before + labels.shape[1] + after), -100)
        padded[:, before : before + labels.shape[1]] = labels
        noise = torch.full((*padded.shape, case.width), torch.nan, dtype=torch.float64)
        noise[:, before : before + labels.shape[1]] = logits
        assert torch.equal(Forecast.of(noise, padded).logits, plain.logits)


def test_hidden_states_stand_where_the_logits_stand() -> None:
    labels = torch.tensor([[-100, 5, 6], [1, -100, 2]])
    states = torch.arange(6.0).reshape(2, 3, 1)
    hidden = Hidden.of(states, labels)

    assert hidden.states.flatten().tolist() == [0, 1, 4]
    assert hidden.means().flatten().tolist() == [0.5, 4]


def test_half_precision_becomes_single() -> None:
    labels = torch.tensor([[0, 1]])

    assert Forecast.of(torch.zeros(1, 2, 3, dtype=torch.bfloat16), labels).logits.dtype is torch.float32
    assert Forecast.of(torch.zeros(1, 2, 3, dtype=torch.float64), labels).logits.dtype is torch.float64


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (torch.tensor([[0, 1], [2, -100]]), "a target in every text"),
        (torch.empty(0, 4, dtype=torch.long), "a target in every text"),
        (torch.tensor([[0, -5]]), "targets of 0 or more"),
        (torch.tensor([0, 1]), "expected whole labels"),
        (torch.tensor([[0.0, 1.0]]), "expected whole labels"),
    ],
)
def test_labels_that_nothing_can_be_learnt_from_are_refused(labels: torch.Tensor, said: str) -> None:
    with pytest.raises(BatchError, match=said):
        Places.of(labels)


def test_logits_of_another_batch_or_vocabulary_are_refused() -> None:
    labels = torch.tensor([[0, 3]])

    with pytest.raises(BatchError, match="targets below 3"):
        Forecast.of(torch.zeros(1, 2, 3), labels)
    with pytest.raises(BatchError, match=r"expected states \(1, 2\) and a width"):
        Forecast.of(torch.zeros(1, 3, 4), labels)
    forecast = Forecast.of(torch.zeros(1, 2, 4), labels)
    with pytest.raises(BatchError, match=r"expected logits \(1, 4\)"):
        forecast.check(torch.zeros(1, 5))
    with pytest.raises(BatchError, match="each of 1 texts"):
        forecast.check_texts(torch.zeros(2))
    with pytest.raises(BatchError, match=r"expected states \(1, 4\)"):
        Hidden.of(torch.zeros(1, 2, 4), labels).check(torch.zeros(2, 4))
