"""The shortest vector in the hull of the gradients, however many terms and however they lie."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from tests.unlearning.combiners.gradients import Array, drawn, flat, gradients
from unlearning.combiners.mgda import Mgda, shares


def searched(rows: Array) -> float:
    """The least squared length that a general optimiser finds."""
    found = minimize(
        lambda x: float(((x @ rows) ** 2).sum()),
        np.full(len(rows), 1 / len(rows)),
        jac=lambda x: 2 * rows @ (x @ rows),
        bounds=[(0, 1)] * len(rows),
        constraints={"type": "eq", "fun": lambda x: x.sum() - 1, "jac": lambda x: np.ones(len(rows))},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    return float(found.fun)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(2, 6))
def test_no_other_mean_of_the_gradients_is_shorter(seed: int, terms: int, size: int) -> None:
    rows = drawn(seed, terms, size=size)
    found = shares(gradients(rows))
    length = float(((np.array(found) @ rows) ** 2).sum())

    assert min(found) >= 0
    assert sum(found) == pytest.approx(1)
    assert length <= searched(rows) + 1e-8


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 4))
def test_a_small_step_against_it_raises_no_term(seed: int, terms: int) -> None:
    rows = drawn(seed, terms)
    down = np.array(flat(Mgda().combine(gradients(rows))))

    assert (rows @ down >= float(down @ down) - 1e-9).all()


@pytest.mark.parametrize(
    ("rows", "length"),
    [
        ([[1, 0, 0, 0], [-1, 0, 0, 0]], 0.0),
        ([[1, 0, 0, 0], [1, 0, 0, 0]], 1.0),
        ([[3, 0, 0, 0], [0, 4, 0, 0]], 2.4),
        ([[1, 0, 0, 0], [5, 5, 0, 0]], 1.0),
        ([[0, 0, 0, 0], [5, 5, 0, 0]], 0.0),
        ([[0, 0, 0, 0], [0, 0, 0, 0]], 0.0),
        ([[1e-12, 0, 0, 0], [0, 1e-12, 0, 0]], 0.5**0.5 * 1e-12),
    ],
    ids=["opposite", "alike", "across", "one within the other's reach", "none", "both none", "tiny"],
)
def test_gradients_that_lie_in_special_ways(rows: list[list[float]], length: float) -> None:
    down = np.array(flat(Mgda().combine(gradients(np.array(rows, np.float64)))))

    assert float(np.sqrt(down @ down)) == pytest.approx(length)


def test_too_many_terms_and_gradients_without_number_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 8 terms"):
        shares(gradients(drawn(0, terms=9)))
    with pytest.raises(ValueError, match="finite"):
        shares([[torch.tensor([torch.nan])], [torch.tensor([1.0])]])
