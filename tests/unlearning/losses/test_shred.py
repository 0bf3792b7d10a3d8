"""The target is taken away where it was least expected, and all else is kept."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.unlearning.losses.drawn import (
    Array,
    Case,
    Drawn,
    cases,
    few,
    learnt,
    log_softmax,
    softmax,
    written,
)
from unlearning.losses.forecast import BatchError, Forecast
from unlearning.losses.shred import shred


def teacher(batch: Drawn, frozen: Drawn, share: float, nucleus: float, top: int) -> list[Array]:
    """The odds that are learnt at each place."""
    rows = frozen.rows(frozen.values)
    kept = [_first(softmax(row), top) for row, _ in rows]
    odds = []
    for place, (_, where) in enumerate(rows):
        own = [other for other, (_, there) in enumerate(rows) if there.text == where.text]
        own.sort(key=lambda other: softmax(rows[other][0])[rows[other][1].target])
        chosen = own.index(place) < math.ceil(share * len(own))
        odds.append(_without(kept[place], where.target, nucleus) if chosen else kept[place])
    return odds


def _first(odds: Array, top: int) -> Array:
    order = np.argsort(-odds)
    odds = odds.copy()
    odds[order[top:]] = 0
    return np.asarray(odds / odds.sum())


def _without(odds: Array, target: int, nucleus: float) -> Array:
    left, reached = odds.copy(), 0.0
    for token in np.argsort(-odds):
        if reached < nucleus:
            left[token] = 0
        reached += odds[token]
    left[target] = 0
    return np.asarray(left / left.sum())


@few
@given(cases, st.floats(0.05, 1), st.floats(0, 0.3), st.integers(0, 3))
def test_it_is_what_is_written_out(case: Case, share: float, nucleus: float, fewer: int) -> None:
    batch = case.batch()
    # Odds that lie close together: a nucleus of 0.3 never reaches all tokens but the target.
    frozen = Drawn(case.array(*batch.values.shape) / 20, batch.labels)
    top = max(3, case.width - fewer)
    distil = teacher(batch, frozen, share, nucleus, top)

    def reference(values: Array) -> float:
        total = 0.0
        for odds, (row, _) in zip(distil, batch.rows(values), strict=True):
            said = log_softmax(row)
            total += sum(q * (math.log(q) - p) for q, p in zip(odds, said, strict=True) if q > 0)
        return float(total)

    assert learnt(
        lambda values: shred(
            batch.forecast(values), frozen.at_places(), share=share, nucleus=nucleus or None, top=top
        ),
        case,
        batch,
    ) == written(reference, len(batch.places()), case, batch)


def test_the_share_is_taken_text_by_text() -> None:
    """Of four places of one text and two of another, a half of each."""
    labels = torch.tensor([[0, 0, 0, 0, 0], [0, 0, 0, -100, -100]])
    frozen = torch.tensor([[4.0, 0], [3, 0], [2, 0], [1, 0], [0.6, 0], [0.3, 0]])
    logits = torch.zeros(2, 5, 2, requires_grad=True)
    shred(Forecast.of(logits, labels), frozen, share=0.5).sum.backward()
    assert logits.grad is not None
    # Where the target is taken away all odds go to the other token, so the target's logit is pushed down.
    pushed = logits.grad[:, :4, 0][labels[:, 1:] != -100] > 0

    assert pushed.tolist() == [False, False, True, True, False, True]


def test_a_teacher_with_nothing_left_to_teach_is_refused() -> None:
    forecast = Forecast.of(torch.zeros(1, 2, 3), torch.tensor([[-100, 0]]))

    with pytest.raises(BatchError, match="lower `nucleus` or raise `top`"):
        shred(forecast, torch.tensor([[5.0, 0, 0]]), top=1)
