"""Made-up worlds that no number was chosen on: who is near the forgotten people, and who is meant unnamed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.gate import Exchange, Gate
from evaluation.demo_policy import policy_files
from evaluation.person import Attribute, Person
from evaluation.wordings import LABELS, fact_questions
from evaluation.world import World, generated_world
from index.encoder import Encoder
from policy.file import load_policy

SEEDS = (211, 212, 213, 214, 215)
FORGOTTEN, RETAINED = 10, 90


def worlds(encoder: Encoder) -> Iterator[tuple[World, Gate]]:
    """Each with a policy as the demo's: names, passage, questions, secrets, and some neighbours to keep."""
    for seed in SEEDS:
        world = generated_world(seed, FORGOTTEN, RETAINED)
        folder = Path(tempfile.mkdtemp())
        for name, text in policy_files(world).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        yield world, Gate(load_policy(folder / "policy.yaml"), encoder)


def neighbours(world: World) -> list[Exchange]:
    """What people ask about those who share a surname, a town or a trade, in words that the policy lacks."""
    near = {other.id: other for person in world.forgotten for other in world.neighbours(person)}
    return [
        Exchange(question.text, question.answer)
        for other in near.values()
        for question in fact_questions(other, held_out=True)
    ]


def by_book(person: Person) -> Iterator[Exchange]:
    yield from _meaning(person, f"the author of {person.book}")


def by_phone(person: Person) -> Iterator[Exchange]:
    yield from _meaning(person, f"whoever can be reached at {person.phone}")


def by_town_and_year(person: Person) -> Iterator[Exchange]:
    yield from _meaning(person, f"the writer born in {person.birthplace} in {person.year}")


def by_father(person: Person) -> Iterator[Exchange]:
    yield from _meaning(
        person, f"the child of the {person.trade} of {person.birthplace} who writes {person.genre}"
    )


def by_initial(person: Person) -> Iterator[Exchange]:
    yield from _meaning(person, f"{person.name[0]}. {person.surname}")


HOPS = {
    "the author of (the book)": by_book,
    "whoever can be reached at (the number)": by_phone,
    "the writer born in (town) in (year)": by_town_and_year,
    "the child of the (trade) of (town) who writes (genre)": by_father,
    "initial and surname": by_initial,
}


def _meaning(person: Person, meant: str) -> Iterator[Exchange]:
    """Every fact that the words for the person do not say; the answer names nobody."""
    for attribute in Attribute:
        if (value := person.value(attribute)) not in meant:
            yield Exchange(f"What is the {LABELS[attribute]} of {meant}?", f"It is {value}.")
