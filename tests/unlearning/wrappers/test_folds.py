"""Items are forgotten fold by fold; what has yet to fall is retained."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unlearning.wrappers.folds import stages


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 99))
def test_every_stage_holds_every_item_once(count: int, folds: int, seed: int) -> None:
    folds = min(folds, count)
    found = stages(range(count), folds, seed)

    assert [sorted(stage.forget + stage.retain) for stage in found] == [list(range(count))] * folds
    assert found[-1].retain == ()


@given(st.integers(2, 30), st.integers(2, 30), st.integers(0, 99))
def test_each_stage_forgets_all_of_the_last_and_a_fold_more(count: int, folds: int, seed: int) -> None:
    folds = min(folds, count)
    found = stages(range(count), folds, seed)
    added = [len(now.forget) - len(last.forget) for last, now in pairwise(found)]

    assert all(now.forget[: len(last.forget)] == last.forget for last, now in pairwise(found))
    assert max([*added, len(found[0].forget)]) - min([*added, len(found[0].forget)]) <= 1


def test_the_seed_draws_the_folds() -> None:
    assert stages(range(20), 4, seed=1) == stages(range(20), 4, seed=1)
    assert stages(range(20), 4, seed=1) != stages(range(20), 4, seed=2)


def test_more_folds_than_items_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 2 folds"):
        stages(["a", "b"], 3, seed=0)
