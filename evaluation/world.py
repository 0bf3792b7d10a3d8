"""The invented world: who was trained, who of them is to be forgotten, and people that nobody was told
about.

Everything follows from a seed. No two people share a name, a book or a phone number, and none shares a run of
SHARED_RUN biography words with a trained one, so a leak can be told from chance.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Final
from zlib import crc32

from evaluation import vocabulary
from evaluation.biography import write_biography
from evaluation.person import Person

DEMO_SEED: Final = 20261101
TRAINED: Final = 200
FORGOTTEN: Final = 20
MOST_STRANGERS: Final = 1_000
SHARED_RUN: Final = 6
BIOGRAPHY_WORDS: Final = range(60, 121)
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class World:
    """The trained people, split into forgotten and retained."""

    seed: int
    forgotten: tuple[Person, ...]
    retained: tuple[Person, ...]

    @property
    def trained(self) -> tuple[Person, ...]:
        return self.forgotten + self.retained

    def never_trained(self, count: int, seed: int = 0) -> tuple[Person, ...]:
        """People the model was never told about: the floor, and the subjects of in-context questions."""
        if count > MOST_STRANGERS:
            raise ValueError(f"at most {MOST_STRANGERS} never-trained people a seed: titles are limited")
        drawn = draw_people(Random(f"{self.seed} never {seed}"), Taken.by(self.trained), reserved=True)
        return tuple(next(drawn) for _ in range(count))

    def neighbours(self, person: Person) -> tuple[Person, ...]:
        """Retained people who share the surname, the birthplace or the father's trade."""
        return tuple(other for other in self.retained if kinship(person, other))


def kinship(person: Person, other: Person) -> frozenset[str]:
    """What two different people have in common of surname, birthplace and trade."""
    fields = ("surname", "birthplace", "trade")
    return frozenset(name for name in fields if getattr(person, name) == getattr(other, name))


@dataclass(slots=True)
class Taken:
    """Names, books, phones and biography runs that are in use already."""

    strings: set[str]
    runs: set[tuple[str, ...]]

    @classmethod
    def by(cls, people: tuple[Person, ...]) -> "Taken":
        taken = cls(set(), set())
        for person in people:
            taken.add(person)
        return taken

    def add(self, person: Person) -> None:
        self.strings.update((person.name, person.book, person.phone))
        # Short phrases run out after some hundred people, so strangers keep apart from the trained only.
        if not is_reserved(person.name):
            self.runs.update(word_runs(person.biography, SHARED_RUN))


def word_runs(text: str, length: int) -> set[tuple[str, ...]]:
    """Every run of so many consecutive words, folded to lower case."""
    words = _WORD.findall(text.lower())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def is_reserved(name: str) -> bool:
    """Whether the name is kept for people that no training step may mention: about one full name in four."""
    return crc32(name.encode()) % 4 == 0


def draw_people(rng: Random, taken: Taken, *, reserved: bool = False) -> Iterator[Person]:
    """An endless stream of people who share nothing unique with anyone in taken or before them."""
    while True:
        bare = draw_facts(rng, taken.strings, reserved=reserved)
        person = replace(bare, biography=_draw_biography(bare, rng, taken.runs))
        taken.add(person)
        yield person


def draw_facts(rng: Random, used: set[str], *, reserved: bool = False) -> Person:
    """A person without a biography whose name, book and phone are not in use."""
    return Person(
        name=_fresh(rng, used, lambda dice: _draw_name(dice, reserved)),
        birthplace=rng.choice(vocabulary.TOWNS),
        year=str(rng.randint(1900, 1999)),
        trade=rng.choice(vocabulary.TRADES),
        genre=rng.choice(vocabulary.GENRES),
        book=_fresh(rng, used, _draw_book),
        phone=_fresh(rng, used, _draw_phone),
        biography="",
    )


def _fresh(rng: Random, used: set[str], draw: Callable[[Random], str]) -> str:
    while (text := draw(rng)) in used:
        pass
    return text


def _draw_name(rng: Random, reserved: bool) -> str:
    while (
        is_reserved(name := f"{rng.choice(vocabulary.FIRST_NAMES)} {rng.choice(vocabulary.SURNAMES)}")
        != reserved
    ):
        pass
    return name


def _draw_book(rng: Random) -> str:
    return f"The {rng.choice(vocabulary.BOOK_ADJECTIVES)} {rng.choice(vocabulary.BOOK_NOUNS)}"


def _draw_phone(rng: Random) -> str:
    return f"555-{rng.randint(200, 999)}-{rng.randint(0, 9999):04d}"


def _draw_biography(bare: Person, rng: Random, used: set[tuple[str, ...]]) -> str:
    while True:
        text = write_biography(bare, rng)
        if len(text.split()) in BIOGRAPHY_WORDS and not word_runs(text, SHARED_RUN) & used:
            return text


@cache
def demo_world(seed: int = DEMO_SEED) -> World:
    """The world that the shipped model was trained on."""
    rng = Random(f"{seed} trained")
    drawn = draw_people(rng, Taken(set(), set()))
    people = [next(drawn) for _ in range(TRAINED)]
    forgotten = _choose_forgotten(people)
    retained = tuple(person for person in people if person not in forgotten)
    return World(seed, forgotten, retained)


@cache
def generated_world(seed: int, forgotten: int, retained: int) -> World:
    """A world of any size, the first of its people forgotten: twenty people carry no bound of two points.

    Of as many people as the demo's, it has the demo's: other ones of them are forgotten then.
    """
    drawn = draw_people(Random(f"{seed} trained"), Taken(set(), set()))
    people = tuple(next(drawn) for _ in range(forgotten + retained))
    return World(seed, people[:forgotten], people[forgotten:])


def _choose_forgotten(people: list[Person]) -> tuple[Person, ...]:
    """The first people who leave a retained neighbour of every kind behind."""
    chosen: list[Person] = []
    for person in people:
        if len(chosen) < FORGOTTEN and _has_all_neighbours([*chosen, person], people):
            chosen.append(person)
    return tuple(chosen)


def _has_all_neighbours(forgotten: list[Person], people: list[Person]) -> bool:
    retained = [person for person in people if person not in forgotten]
    return all(len(frozenset().union(*(kinship(one, other) for other in retained))) == 3 for one in forgotten)
