"""What holds for every loss and every method: how they are counted, divided and put together."""

import pytest
import torch
from torch import Tensor

from tests.unlearning.losses.reading_model import Reader, Texts, model, texts
from unlearning.combiners.catalogue import COMBINERS
from unlearning.losses.catalogue import LOSSES, METHODS
from unlearning.losses.read import Kind, Part

BATCH = texts(32, seed=5)


def gradient(method: str, parts: list[Texts]) -> Tensor:
    """As a trainer takes it: counted over all parts first, then added up part by part."""
    learner, frozen = model(1), model(2)
    learner.zero_grad()
    readers = [Reader(learner, frozen, part) for part in parts]
    terms = [(term, LOSSES[term.name]) for term in METHODS[method].terms]
    counts = [sum(loss.count(reader.labels[loss.part]) for reader in readers) for _, loss in terms]
    for reader in readers:
        seen = reader.seen(loss for _, loss in terms)
        totals = [loss.total(seen, term.options) for term, loss in terms]
        sums = [
            term.weight * total.sum / count
            for (term, _), total, count in zip(terms, totals, counts, strict=True)
        ]
        torch.stack(sums).sum().backward()
    found = [parameter.grad.flatten() for parameter in learner.parameters() if parameter.grad is not None]
    return torch.cat(found)


def in_parts(size: int) -> list[Texts]:
    return [
        {part: some[first : first + size] for part, some in BATCH.items()} for first in range(0, 32, size)
    ]


@pytest.mark.parametrize("method", METHODS)
def test_a_batch_in_parts_has_the_gradient_of_the_whole(method: str) -> None:
    """Norm and direction, though parts are padded to other lengths and hold other numbers of targets."""
    whole, parts = gradient(method, [BATCH]), gradient(method, in_parts(8))

    assert float(whole.norm()) > 0
    assert float(parts.norm()) == pytest.approx(float(whole.norm()), rel=1e-9)
    assert torch.allclose(parts, whole, rtol=1e-7, atol=1e-9 * float(whole.norm()))


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_counted_beforehand_is_what_was_summed_over(name: str) -> None:
    loss = LOSSES[name]
    reader = Reader(model(1), model(2), in_parts(8)[0])
    total = loss.total(reader.seen([loss]), {})

    assert total.count == loss.count(reader.labels[loss.part])
    assert total.sum.shape == ()
    assert torch.equal(total.mean(), total.sum / total.count)


@pytest.mark.parametrize("name", LOSSES)
def test_nothing_is_learnt_by_the_frozen_model(name: str) -> None:
    learner, frozen = model(1), model(2)
    learner.zero_grad()
    loss = LOSSES[name]
    loss.total(Reader(learner, frozen, in_parts(8)[0]).seen([loss]), {}).sum.backward()

    assert any(parameter.grad is not None for parameter in learner.parameters())
    assert all(parameter.grad is None for parameter in frozen.parameters())


def test_methods_name_losses_and_combiners_that_there_are() -> None:
    assert {term.name for method in METHODS.values() for term in method.terms} <= set(LOSSES)
    assert {method.combiner for method in METHODS.values()} <= set(COMBINERS)


def test_a_method_forgets_first() -> None:
    forgets = {Part.FORGET, Part.ALTERNATIVE}

    assert {LOSSES[method.terms[0].name].part for method in METHODS.values()} == forgets


def test_what_is_counted_comes_from_the_model_that_learns() -> None:
    assert {loss.reads[0].kind for loss in LOSSES.values()} == {Kind.FORECAST, Kind.HIDDEN}
