"""The sparse edit is the dense formula, in memory and on a device; pinned tokens keep their probability; no
row is emptied.
"""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from steering.apply import apply_edits, apply_to_matrix
from steering.apply_row import apply_to_row
from steering.apply_rule import Rule
from steering.edit import Edit

SIZE = 12
RULE = Rule(pinned=(0, 1), ends=(1,))
Row = NDArray[np.float32]
Apply = Callable[[Row, Edit, Rule], None]


def in_a_matrix(row: Row, edit: Edit, rule: Rule) -> None:
    apply_to_matrix(torch.from_numpy(row)[None], [(0, edit)], rule)


BOTH = pytest.mark.parametrize("apply", [apply_to_row, in_a_matrix])


@st.composite
def rows(draw: st.DrawFn) -> Row:
    values = draw(st.lists(st.floats(-30, 30, width=32), min_size=SIZE, max_size=SIZE))
    row = np.array(values, np.float32)
    row[draw(st.lists(st.integers(0, SIZE - 1), max_size=SIZE - 1))] = -np.inf
    return row


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    ids = draw(st.lists(st.integers(0, SIZE - 1), unique=True))
    cut = draw(st.integers(0, len(ids)))
    by = draw(st.lists(st.floats(-40, 40, width=32), min_size=len(ids) - cut, max_size=len(ids) - cut))
    return Edit(np.array(ids[:cut], np.int32), np.array(ids[cut:], np.int32), np.array(by, np.float32))


def probabilities(row: Row) -> NDArray[np.float64]:
    wide = row.astype(np.float64)
    powers = np.exp(wide - wide.max())
    shares: NDArray[np.float64] = powers / powers.sum()
    return shares


def steered(row: Row, edit: Edit, apply: Apply = apply_to_row) -> Row:
    changed = row.copy()
    apply(changed, edit, RULE)
    return changed


def dense(row: Row, edit: Edit) -> NDArray[np.float64]:
    """The definition, word for word: shift, ban, then give the free tokens what the pinned ones leave."""
    free = [token for token in range(SIZE) if token not in RULE.pinned]
    wide, model = row.astype(np.float64), probabilities(row)
    for token, by in zip(edit.shifted, edit.by, strict=True):
        if by < 0 or row[token] >= row.max() + np.log(RULE.relative_top):
            wide[token] += by
    wide[edit.banned] = -np.inf
    weights = np.exp(wide[free] - wide[free].max())
    shares = model.copy()
    shares[free] = weights / weights.sum() * model[free].sum()
    return shares


@BOTH
@given(row=rows(), edit=edits())
def test_an_edit_gives_the_probabilities_of_the_dense_formula(apply: Apply, row: Row, edit: Edit) -> None:
    free = np.setdiff1d(np.setdiff1d(np.arange(SIZE), edit.banned), RULE.pinned)
    before, after = probabilities(row), steered(row, edit, apply)

    if np.isfinite(row[free]).any():
        np.testing.assert_allclose(probabilities(after), dense(row, edit), rtol=1e-3, atol=1e-6)
        assert probabilities(after)[list(RULE.pinned)] == pytest.approx(before[list(RULE.pinned)], rel=1e-3)


@BOTH
@given(row=rows(), edit=edits())
def test_no_row_is_emptied_and_nothing_masked_comes_back(apply: Apply, row: Row, edit: Edit) -> None:
    after = steered(row, edit, apply)

    assert np.isfinite(after).any()
    assert not np.isnan(after).any()
    back = np.flatnonzero(np.isneginf(row) & np.isfinite(after))
    assert set(back) <= set(RULE.ends), "only the end may come back, into a row that would be empty"


@BOTH
def test_an_unlikely_token_is_not_raised(apply: Apply) -> None:
    row = np.zeros(SIZE, np.float32)
    row[2], row[3] = 9.0, 8.0
    edit = Edit(np.empty(0, np.int32), np.array([3, 4], np.int32), np.array([5.0, 5.0], np.float32))

    after = steered(row, edit, apply)

    assert after[3] == 13.0
    assert after[4] == 0.0


@BOTH
def test_a_row_whose_only_legal_tokens_are_banned_ends(apply: Apply) -> None:
    row = np.full(SIZE, -np.inf, np.float32)
    row[5] = 1.0
    edit = Edit(np.array([5], np.int32), np.empty(0, np.int32), np.empty(0, np.float32))

    assert np.flatnonzero(np.isfinite(steered(row, edit, apply))).tolist() == [1]


def test_many_rows_are_edited_at_once_and_the_others_left_alone() -> None:
    torch.manual_seed(1)
    logits = torch.randn(5, SIZE)
    ban = Edit(np.array([4], np.int32), np.empty(0, np.int32), np.empty(0, np.float32))
    lower = Edit(np.empty(0, np.int32), np.array([6, 7], np.int32), np.array([-3.0, -9.0], np.float32))
    whole = logits.clone()

    apply_edits(whole, [(3, ban), (1, lower), (0, Edit.nothing())], RULE)

    assert torch.equal(whole[[0, 2, 4]], logits[[0, 2, 4]])
    assert whole[3].numpy().tolist() == steered(logits[3].numpy(), ban).tolist()
    assert whole[1].numpy().tolist() == steered(logits[1].numpy(), lower).tolist()


def test_rows_in_half_precision_stay_so() -> None:
    logits = torch.zeros(1, SIZE, dtype=torch.bfloat16)

    apply_edits(
        logits, [(0, Edit(np.array([4], np.int32), np.empty(0, np.int32), np.empty(0, np.float32)))], RULE
    )

    assert logits.dtype is torch.bfloat16
    assert torch.isneginf(logits[0]).nonzero().flatten().tolist() == [4]


@pytest.mark.parametrize(("pinned", "ends", "top"), [((0,), (1,), 0.1), ((0,), (), 0.1), ((1,), (1,), 0.0)])
def test_a_rule_without_a_pinned_end_is_refused(
    pinned: tuple[int, ...], ends: tuple[int, ...], top: float
) -> None:
    with pytest.raises(ValueError, match="expected"):
        Rule(pinned, ends, top)
