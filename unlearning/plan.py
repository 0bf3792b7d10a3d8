"""A recipe's method as terms and a combiner, with the recipe's own weights and options.

Rule: a name or an option that no loss has is told before anything is loaded, with those there are.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from unlearning.combiners.catalogue import COMBINERS
from unlearning.combiners.combiner import Combiner
from unlearning.losses.catalogue import LOSSES, METHODS
from unlearning.losses.loss import Method, Term
from unlearning.losses.read import Part, Read
from unlearning.reading import FROZEN
from unlearning.recipe import Recipe


class PlanError(ValueError):
    """The recipe's method can't be run."""


@dataclass(frozen=True, slots=True)
class Plan:
    terms: tuple[Term, ...]
    combiner: Combiner

    @property
    def reads(self) -> frozenset[Read]:
        return frozenset(read for term in self.terms for read in LOSSES[term.name].reads)

    @property
    def parts(self) -> frozenset[Part]:
        return frozenset(read.part for read in self.reads)

    @property
    def needs_frozen(self) -> bool:
        return any(read.kind in FROZEN for read in self.reads)


def make_plan(recipe: Recipe) -> Plan:
    """Raises PlanError."""
    method = _method(recipe)
    terms = tuple(_changed(term, recipe) for term in method.terms)
    _check_names("weights", recipe.weights, (term.name for term in terms))
    _check_names("options", recipe.options, (term.name for term in terms))
    for term in terms:
        _check_options(f"loss {term.name!r}", LOSSES[term.name].function, term.options)
    return Plan(terms, _combiner(recipe, method.combiner))


def _method(recipe: Recipe) -> Method:
    if recipe.method is not None:
        _check_names("method", [recipe.method], METHODS)
        return METHODS[recipe.method]
    _check_names("terms", (part.loss for part in recipe.terms), LOSSES)
    return Method(tuple(Term(part.loss, part.weight, part.options) for part in recipe.terms))


def _changed(term: Term, recipe: Recipe) -> Term:
    options = {**term.options, **recipe.options.get(term.name, {})}
    return replace(term, weight=recipe.weights.get(term.name, term.weight), options=options)


def _combiner(recipe: Recipe, name: str) -> Combiner:
    part = recipe.combiner
    chosen, options = (name, {}) if part is None else (part.name, part.options)
    _check_names("combiner", [chosen], COMBINERS)
    _check_options(f"combiner {chosen!r}", COMBINERS[chosen], options)
    try:
        return COMBINERS[chosen](**options)
    except (TypeError, ValueError) as error:
        raise PlanError(f"combiner {chosen!r}: {error}") from None


def _check_names(field: str, found: Iterable[str], known: Iterable[str]) -> None:
    known = sorted(known)
    for name in found:
        if name not in known:
            raise PlanError(f"{field}: expected one of {', '.join(known)}; found {name!r}")


def _check_options(owner: str, function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Of a loss, what stands behind the star; of a combiner, all that it is made with."""
    parameters = inspect.signature(function).parameters.values()
    made = inspect.isclass(function)
    _check_names(
        f"options of {owner}",
        options,
        (one.name for one in parameters if made or one.kind is one.KEYWORD_ONLY),
    )
