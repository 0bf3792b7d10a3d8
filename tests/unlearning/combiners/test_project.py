"""The forget gradient gives way where it works against what must keep working, and only there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unlearning.combiners.gradients import drawn, flat, gradients
from unlearning.combiners.project import Project


@given(st.integers(0, 10_000))
def test_what_is_left_of_it_never_works_against_the_retain_gradient(seed: int) -> None:
    forget, retain = drawn(seed, terms=2)
    left = np.array(flat(Project(retains=False).combine(gradients(np.stack([forget, retain])))))
    against = min(float(forget @ retain), 0.0)

    assert left == pytest.approx(forget - against / float(retain @ retain) * retain)
    assert float(left @ retain) >= -1e-9


def test_the_retain_gradients_are_added() -> None:
    rows = np.array([[1.0, 0, 0, 0], [0, 2.0, 0, 0], [0, 0, 3.0, 0]])

    assert flat(Project().combine(gradients(rows))) == [1, 2, 3, 0]
    assert flat(Project(retains=False).combine(gradients(rows))) == [1, 0, 0, 0]


def test_the_direction_is_a_moving_average() -> None:
    combiner = Project(memory=0.75, retains=False)
    combiner.combine(gradients(np.array([[0.0, 0, 0, 0], [4, 0, 0, 0]])))
    left = flat(combiner.combine(gradients(np.array([[-1.0, 0, 0, 0], [0, 4, 0, 0]]))))
    average = np.array([3.0, 1, 0, 0])

    assert left == pytest.approx([-1, 0, 0, 0] + 3 / 10 * average)


def test_a_forget_term_alone_and_a_memory_of_all_are_refused() -> None:
    with pytest.raises(ValueError, match="a retain term"):
        Project().combine(gradients(drawn(0, terms=1)))
    with pytest.raises(ValueError, match="a memory of 0 or more"):
        Project(memory=1.0)
