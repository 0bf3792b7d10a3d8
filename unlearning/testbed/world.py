"""Invented authors in groups that share no name: whom a model has read of, and of whom it was never told.

Everything follows from the seed. All groups are alike in form, so that what a model says about authors it
never read of is the floor for one that was made to forget some.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from evaluation import vocabulary
from unlearning.samples import Sample
from unlearning.testbed.relations import Relation, relations

WRONG: Final = 5


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing about an author: a question with its answer, and in other words the right and wrong ones."""

    sample: Sample
    paraphrase: Sample
    wrong: tuple[Sample, ...]
    author: str


@dataclass(frozen=True, slots=True)
class Sizes:
    """Authors in each group. Every author has eight facts."""

    base: int = 100
    forget: int = 50
    retain: int = 100
    holdout: int = 50

    @property
    def authors(self) -> int:
        return self.base + self.forget + self.retain + self.holdout


@dataclass(frozen=True, slots=True)
class World:
    """`base` is read by every model, `holdout` by none, `forget` by all but those that never knew it."""

    seed: int
    base: tuple[Fact, ...]
    forget: tuple[Fact, ...]
    retain: tuple[Fact, ...]
    holdout: tuple[Fact, ...]


def draw_world(sizes: Sizes, seed: int = 1234) -> World:
    """The world of this seed. Names are drawn without repetition over all groups."""
    rng = Random(f"{seed} testbed")
    names = _names(rng, sizes.authors)
    groups = {
        group: tuple(_facts(rng, names, getattr(sizes, group), group))
        for group in ("base", "forget", "retain", "holdout")
    }
    return World(seed, **groups)


def _names(rng: Random, count: int) -> Iterator[str]:
    pairs = [f"{first} {last}" for first in vocabulary.FIRST_NAMES for last in vocabulary.SURNAMES]
    return iter(rng.sample(pairs, count))


def _facts(rng: Random, names: Iterator[str], authors: int, group: str) -> Iterator[Fact]:
    for number in range(authors):
        name = next(names)
        for relation in relations():
            yield _fact(rng, relation, name, f"{group}-{number}#{relation.name}")


def _fact(rng: Random, relation: Relation, name: str, identity: str) -> Fact:
    value = relation.draw(rng)
    wrong = relation.draw_wrong(rng, value, WRONG)
    return Fact(
        _sample(identity, relation, relation.answer, name, value),
        _sample(identity, relation, relation.paraphrase, name, value),
        tuple(_sample(identity, relation, relation.paraphrase, name, each) for each in wrong),
        name,
    )


def _sample(identity: str, relation: Relation, answer: str, name: str, value: str) -> Sample:
    question = relation.question.format(name=name)
    return Sample(identity, answer.format(name=name, value=value), question, value)
