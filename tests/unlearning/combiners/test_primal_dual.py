"""The retain loss counts more while it is above its bound."""

import pytest

from unlearning.combiners.primal_dual import PrimalDual


def test_its_factor_follows_the_retain_loss_and_never_falls_below_none() -> None:
    combiner = PrimalDual(bound=1.0, weight=2.0, rate=0.5)
    factors = []
    for retain in (3.0, 1.0, 0.0, -10.0, 2.0):
        combiner.learn([9.0, retain])
        factors.append(combiner.factors(3))

    assert [factor[1] for factor in factors] == [3.0, 3.0, 2.5, 0.0, 0.5]
    assert {factor[0] for factor in factors} == {factor[2] for factor in factors} == {1.0}


def test_it_stays_through_the_warm_up() -> None:
    combiner = PrimalDual(bound=1.0, weight=2.0, warm_up=2)
    weights = []
    for _ in range(3):
        combiner.learn([0.0, 5.0])
        weights.append(combiner.factors(2)[1])

    assert weights == [2.0, 2.0, 6.0]


def test_a_missing_retain_term_and_losses_without_number_are_refused() -> None:
    with pytest.raises(ValueError, match="a retain term"):
        PrimalDual(bound=1.0).factors(1)
    with pytest.raises(ValueError, match="finite"):
        PrimalDual(bound=1.0).learn([0.0, float("nan")])
    with pytest.raises(ValueError, match="a bound"):
        PrimalDual(bound=0.0)
