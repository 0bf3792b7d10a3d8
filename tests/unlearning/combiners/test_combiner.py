"""The laws of every combiner."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.unlearning.combiners.gradients import drawn, flat, gradients
from unlearning.combiners.added import added
from unlearning.combiners.catalogue import COMBINERS
from unlearning.combiners.combiner import Combiner

MAKES: dict[str, Callable[[], Combiner]] = {
    "sum": COMBINERS["sum"],
    "mgda": COMBINERS["mgda"],
    "project": COMBINERS["project"],
    "primal_dual": lambda: COMBINERS["primal_dual"](bound=1.0, warm_up=1),
}


def step(combiner: Combiner, seed: int) -> list[float]:
    """One step of training: the gradient that comes of it."""
    combined = flat(combiner.combine(gradients(drawn(seed, terms=2))))
    combiner.learn([0.5, 1.0 + seed])
    return combined


def test_every_combiner_keeps_the_laws() -> None:
    assert set(MAKES) == set(COMBINERS)


@pytest.mark.parametrize("name", MAKES)
def test_where_terms_need_no_gradient_of_their_own_factors_say_all(name: str) -> None:
    combiner = MAKES[name]()
    step(combiner, seed=1)
    rows = drawn(2, terms=2)
    # One term works against the other, or a combiner that takes them apart need not act.
    terms = gradients(np.stack([rows[0], rows[1] - 2 * rows[0]]))
    by_factors = flat(added(terms, combiner.factors(2)))

    assert combiner.apart == (flat(combiner.combine(terms)) != pytest.approx(by_factors))


@pytest.mark.parametrize("name", MAKES)
def test_a_restored_one_goes_on_as_if_nothing_had_come_between(name: str) -> None:
    whole, first, second = MAKES[name](), MAKES[name](), MAKES[name]()
    expected = [step(whole, seed) for seed in range(5)]
    found = [step(first, seed) for seed in range(3)]
    second.restore(first.state())

    assert found + [step(second, seed) for seed in (3, 4)] == expected


@pytest.mark.parametrize("name", MAKES)
def test_what_was_saved_stays_as_it_was(name: str) -> None:
    combiner = MAKES[name]()
    step(combiner, seed=1)
    saved = combiner.state()
    step(combiner, seed=2)
    again = MAKES[name]()
    again.restore(saved)

    assert step(again, seed=2) == step(_after(name, seed=1), seed=2)


def _after(name: str, seed: int) -> Combiner:
    combiner = MAKES[name]()
    step(combiner, seed)
    return combiner
