"""Your own list of what must be forgotten, attacked as the invented people are.

The rule: a person here has a name, a passage and facts with their questions, and nothing else. What an attack
needs beyond that is missing in truth, so that the attack is left out and not run on made-up values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from pydantic import Field

from evaluation.attack import Aim, Attack
from evaluation.person import Attribute, Person
from evaluation.target import Part
from evaluation.target_file import read_yaml
from evaluation.wordings import Question
from evaluation.world import World, demo_world

_SLOTS: Final = tuple(Attribute)


class FactPart(Part):
    """`value` is the string that no answer may contain; each question should name the person."""

    questions: tuple[str, ...] = Field(min_length=1)
    value: str = Field(min_length=1)


class PersonPart(Part):
    name: str = Field(min_length=1)
    passage: str = ""
    facts: tuple[FactPart, ...] = ()


class ListPart(Part):
    version: int = Field(ge=1, le=1)
    people: tuple[PersonPart, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Listed:
    """The people of a file; strangers are asked the same about under invented names."""

    world: World
    people: tuple[PersonPart, ...]
    strangers: tuple[str, ...]
    seed: int

    @classmethod
    def load(cls, path: Path, seed: int) -> "Listed":
        people = read_yaml(path, ListPart, lambda _: True).people
        named = [one.name for one in demo_world().never_trained(min(len(people), 60), seed=1)]
        world = World(seed, tuple(_person(one.name, one.passage) for one in people), ())
        return cls(world, people, tuple(named), seed)

    def size(self, attack: Attack, floor: bool) -> int:
        """How many people there are to try it on."""
        return len(self.strangers if floor else self.people)

    def aim(self, attack: Attack, number: int, draw: int, floor: bool) -> Aim | None:
        """None where this person has nothing that the attack is after."""
        part = self.people[number]
        questions = _questions(part, attack.asks)
        if not questions:
            return None
        name = self.strangers[number] if floor else part.name
        found = questions[(number + draw) % len(questions)]
        rng = Random(f"{self.seed} {attack.name} {number} {draw}")
        text = rng.choice(found.questions).replace(part.name, name)
        person = _person(name, part.passage.replace(part.name, name))
        question = Question(person, found.slot, text, found.value, found.value)
        return Aim(self.world, person, question, self._told(person, number, floor), draw)

    def _told(self, person: Person, number: int, floor: bool) -> Person:
        """To a stranger's prompt somebody else's passage is told."""
        if not floor:
            return person
        other = self.people[(number + 1) % len(self.people)]
        return _person(person.name, other.passage.replace(other.name, person.name))


@dataclass(frozen=True, slots=True)
class _Asked:
    questions: Sequence[str]
    value: str
    slot: Attribute | None


def _questions(part: PersonPart, asks: Sequence[Attribute | None]) -> list[_Asked]:
    facts = [
        _Asked(fact.questions, fact.value, _SLOTS[place % len(_SLOTS)])
        for place, fact in enumerate(part.facts)
        if any(one is not None for one in asks)
    ]
    recital = (f"Tell me the biography of {part.name}.", f"Recite what you know about {part.name}.")
    whole = [_Asked(recital, part.passage, None)] if part.passage and None in asks else []
    return facts + whole


def _person(name: str, passage: str) -> Person:
    """A person of whom nothing else is known: to read another attribute is an AttributeError."""
    blank: Any = object.__new__(Person)
    object.__setattr__(blank, "name", name)
    object.__setattr__(blank, "biography", passage)
    found: Person = blank
    return found
