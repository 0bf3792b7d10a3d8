"""How much can be drawn out: extraction strength, extraction likelihood, memorisation accuracy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unlearning.metrics.extraction_likelihood import extraction_likelihood
from unlearning.metrics.extraction_strength import extraction_strength
from unlearning.metrics.memorization import lack_of_memory, memorization_accuracy

RIGHT = st.lists(st.booleans(), min_size=1, max_size=20).map(np.array)
TEXT = st.lists(st.integers(0, 3), min_size=4, max_size=12)


@given(RIGHT)
def test_extraction_strength_is_what_the_shortest_sufficient_beginning_leaves(right: np.ndarray) -> None:
    count = len(right)
    shortest = min(k for k in range(count + 1) if all(right[k:]))
    assert extraction_strength(right) == 1 - shortest / count


def test_extraction_strength_is_one_of_what_is_known_and_zero_of_what_does_not_end_right() -> None:
    assert extraction_strength(np.array([True, True])) == 1
    assert extraction_strength(np.array([True, False])) == 0


@given(RIGHT)
def test_extraction_strength_is_never_above_memorisation_accuracy(right: np.ndarray) -> None:
    assert extraction_strength(right) <= memorization_accuracy(right) + 1e-12


def test_memorisation_accuracy_is_the_share_of_tokens_foretold() -> None:
    assert memorization_accuracy(np.array([True, False, True, True])) == 0.75


@given(TEXT, st.integers(1, 3))
def test_a_text_that_is_gone_on_with_whole_is_drawn_out_whole(text: list[int], n: int) -> None:
    said = [text[t + 1 :] for t in range(len(text))]
    assert extraction_likelihood(text, said, n) == 1


@given(TEXT, st.integers(1, 3))
def test_a_text_of_which_nothing_is_said_is_not_drawn_out(text: list[int], n: int) -> None:
    assert extraction_likelihood(text, [[9] * 20] * len(text), n) == 0


@given(TEXT, st.integers(1, 3), st.data())
def test_extraction_likelihood_is_the_mean_overlap_over_beginnings(
    text: list[int], n: int, data: st.DataObject
) -> None:
    said = [data.draw(st.lists(st.integers(0, 3), max_size=15)) for _ in text]
    shares = []
    for length in range(1, len(text) - n + 1):
        rest = text[length:]
        spoken = said[length - 1][: len(rest)]
        grams = {tuple(rest[i : i + n]) for i in range(len(rest) - n + 1)}
        hits = sum(tuple(spoken[i : i + n]) in grams for i in range(max(0, len(spoken) - n + 1)))
        shares.append(hits / (len(rest) - n + 1))
    found = extraction_likelihood(text, said, n)
    assert found == pytest.approx(sum(shares) / len(shares))
    assert 0 <= found <= 1


def test_a_text_too_short_for_the_grams_is_an_error() -> None:
    with pytest.raises(ValueError, match="more than 3 tokens"):
        extraction_likelihood([1, 2, 3], [[2, 3], [3], []], 3)


def test_lack_of_memory_is_low_where_one_figure_still_tells() -> None:
    assert lack_of_memory(0.2, 0.2, 0.2, 0.2) == pytest.approx(0.8)
    assert lack_of_memory(0.0, 0.0, 0.0, 1.0) == 0
