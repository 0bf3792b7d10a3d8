"""A recipe's method as terms: names and options that nothing has are told."""

from collections.abc import Callable
from typing import Any

import pytest

from unlearning.losses.catalogue import METHODS
from unlearning.losses.read import Part
from unlearning.plan import PlanError, make_plan
from unlearning.recipe import Recipe

Make = Callable[..., Recipe]


def test_a_recipe_changes_weights_and_options(make_recipe: Make) -> None:
    plan = make_plan(make_recipe(method="npo", weights={"nll": 2.0}, options={"npo": {"beta": 0.5}}))
    assert [(term.name, term.weight) for term in plan.terms] == [("npo", 1.0), ("nll", 2.0)]
    assert plan.terms[0].options == {"beta": 0.5}
    assert plan.parts == {Part.FORGET, Part.RETAIN}


def test_terms_of_ones_own_make_a_method(make_recipe: Make) -> None:
    plan = make_plan(
        make_recipe(terms=[{"loss": "undial", "options": {"beta": 3.0}}, {"loss": "kl", "weight": 5.0}])
    )
    assert [term.name for term in plan.terms] == ["undial", "kl"]
    assert plan.needs_frozen


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"method": "wgaa"}, "method: expected one of .*wga.*found 'wgaa'"),
        ({"terms": [{"loss": "gaa"}]}, "terms: expected one of"),
        ({"method": "wga", "weights": {"kl": 1.0}}, "weights: expected one of nll, wga; found 'kl'"),
        ({"method": "wga", "options": {"wga": {"gamma": 1.0}}}, "options of loss 'wga': .*found 'gamma'"),
        ({"method": "wga", "combiner": {"name": "product"}}, "combiner: expected one of"),
        ({"method": "wga", "combiner": {"name": "primal_dual"}}, "combiner 'primal_dual'"),
    ],
)
def test_what_there_is_not_is_told(make_recipe: Make, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(PlanError, match=expected):
        make_plan(make_recipe(**said))


def test_every_method_has_a_plan(make_recipe: Make) -> None:
    options = {"pdu": {"combiner": {"name": "primal_dual", "options": {"bound": 0.1}}}}
    plans = {name: make_plan(make_recipe(method=name, **options.get(name, {}))) for name in METHODS}

    assert {name: len(plan.terms) for name, plan in plans.items()} == {
        name: len(method.terms) for name, method in METHODS.items()
    }
