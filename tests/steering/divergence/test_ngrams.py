"""The model's probabilities are those of the definition, counted by brute force."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steering.divergence.ngrams import DISCOUNT, START, Ngrams, ends

SIZE, ORDER = 3, 3
TEXTS = st.lists(st.lists(st.tuples(st.integers(0, SIZE - 1), st.booleans()), max_size=6), max_size=3)
CONTEXTS = st.lists(st.integers(0, SIZE - 1), max_size=4).map(tuple)
Text = list[tuple[int, bool]]


def learnt(texts: list[Text]) -> Ngrams:
    model = Ngrams(ORDER, SIZE)
    for text in texts:
        model.learn([token for token, _ in text], [target for _, target in text])
    return model


def counted(texts: list[Text], context: tuple[int, ...], token: int) -> int:
    """How often the token followed the context, by trying every place."""
    found = 0
    for text in texts:
        tokens = [START] * (ORDER - 1) + [token for token, _ in text]
        for place, (said, target) in enumerate(text, ORDER - 1):
            before = tuple(tokens[place - len(context) : place])
            found += target and said == token and before == context
    return found


def by_definition(texts: list[Text], context: tuple[int, ...], token: int) -> float:
    context = context[max(0, len(context) - ORDER + 1) :]
    shorter = by_definition(texts, context[1:], token) if context else 1 / SIZE
    counts = [counted(texts, context, each) for each in range(SIZE)]
    if not sum(counts):
        return shorter
    left = DISCOUNT * sum(count > 0 for count in counts)
    return (max(counts[token] - DISCOUNT, 0) + left * shorter) / sum(counts)


@given(TEXTS, CONTEXTS, st.integers(0, SIZE - 1))
def test_a_probability_is_the_one_of_the_definition(
    texts: list[Text], context: tuple[int, ...], token: int
) -> None:
    assert isclose(learnt(texts).probability(context, token), by_definition(texts, context, token))


@given(TEXTS, CONTEXTS)
def test_probabilities_are_above_zero_and_add_up_to_one(texts: list[Text], context: tuple[int, ...]) -> None:
    model = learnt(texts)
    shares = [model.probability(context, token) for token in range(SIZE)]

    assert min(shares) > 0
    assert isclose(sum(shares), 1)


def test_what_is_no_target_is_not_foretold_and_still_a_context() -> None:
    model = learnt([[(1, False), (2, True)]])

    assert dict(model.seen()) == {(): (2,), (1,): (2,)}


def test_the_ends_of_a_context_begin_with_none() -> None:
    assert list(ends([7, 8, 9], 2)) == [(), (9,), (8, 9)]


@pytest.mark.parametrize(("order", "size"), [(0, 5), (2, 0)])
def test_a_model_without_order_or_tokens_is_refused(order: int, size: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Ngrams(order, size)
