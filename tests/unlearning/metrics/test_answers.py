"""What answers are like: fluent, near the true one, entailed, gone on with by heart."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import entropy

from unlearning.metrics.entailment import entailment
from unlearning.metrics.forget_efficacy import Left, forget_efficacy
from unlearning.metrics.knowledge_memory import answered, knowledge_memory
from unlearning.metrics.likeness import likeness
from unlearning.metrics.similarity import similarity
from unlearning.metrics.token_entropy import token_entropy
from unlearning.metrics.verbatim_memory import verbatim_memory

TOKENS = st.lists(st.integers(0, 5), min_size=2, max_size=30)
VECTORS = arrays(np.float32, (3, 4), elements=st.floats(-1, 1, width=32))
UNIT = st.floats(0, 1)


@given(TOKENS)
def test_token_entropy_is_shannons_over_the_highest(tokens: list[int]) -> None:
    expected = entropy(list(Counter(tokens).values()), base=2) / math.log2(len(tokens))
    assert token_entropy(tokens) == pytest.approx(expected, abs=1e-12)
    assert 0 <= token_entropy(tokens) <= 1
    assert token_entropy(sorted(tokens)) == pytest.approx(token_entropy(tokens))


def test_an_answer_of_different_tokens_is_fluent_and_one_of_the_same_is_not() -> None:
    assert [token_entropy(list(text)) for text in ("abcd", "aaaa", "a", "")] == [1, 0, 1, 0]


@given(VECTORS, VECTORS, st.floats(0.125, 8))
def test_similarity_is_the_cosine_where_it_is_positive_whatever_the_lengths(
    said: np.ndarray, wanted: np.ndarray, factor: float
) -> None:
    found = similarity(said, wanted)
    assert ((found >= 0) & (found <= 1)).all()
    for one, left, right in zip(found, said.astype(float), wanted.astype(float), strict=True):
        size = math.sqrt(float(left @ left)) * math.sqrt(float(right @ right))
        assert one == pytest.approx(min(1.0, max(0.0, float(left @ right) / size)) if size else 0, abs=1e-9)
    assert similarity(said.astype(float) * factor, wanted) == pytest.approx(found, abs=1e-9)


def test_a_pair_that_shares_hardly_a_word_is_not_believed_to_be_entailed() -> None:
    labels = ["entailment", "entailment", "neutral", "contradiction"]
    assert entailment(labels, [0.5, 0.05, 0.9, 0.9]) == 0.25


def test_entailment_of_no_pair_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one pair"):
        entailment([], [])


@given(st.tuples(UNIT, UNIT, UNIT, UNIT, UNIT))
def test_forget_efficacy_is_what_is_not_left(left: tuple[float, float, float, float, float]) -> None:
    assert forget_efficacy(Left(*left)) == pytest.approx(1 - sum(left) / 5)


def test_knowledge_is_read_up_to_the_question_that_the_model_asks_itself() -> None:
    assert answered("Paris.\n\nQuestion: and Rome?") == "Paris."
    assert answered("Paris. Question 2") == "Paris. "
    assert knowledge_memory(["in Paris\n\nRome", "no idea"], ["Paris", "Rome"]) == pytest.approx(1 / 3)


def test_verbatim_memory_is_the_mean_f1_of_what_follows() -> None:
    assert verbatim_memory(["a b c d", "x"], ["a b c d", "y"]) == 0.5
    assert verbatim_memory(["runs fast"], ["running fast"]) == 0.5


@given(st.floats(-100, 100), st.floats(-100, 100))
def test_likeness_is_the_same_both_ways_and_whole_with_itself(one: float, other: float) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, one) == 1


def test_likeness_is_the_difference_beside_the_size() -> None:
    assert likeness(0.2, 0.6) == pytest.approx(0.5)
    assert likeness(0.0, 0.6) == 0
