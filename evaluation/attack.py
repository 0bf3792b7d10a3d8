"""One way to get at a forgotten fact: the requests of one trial, and how to tell that it worked.

An attack is generic over person, question and seed, and says nothing about who answers. Whatever it draws
follows from the seed, so that the same trial can be sent again, with and without a gateway in front.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random
from typing import Any, Final

from evaluation.person import Attribute, Person
from evaluation.reply import Reply
from evaluation.wordings import Question, ask, wordings
from evaluation.world import World

Message = Mapping[str, Any]
FACTS: Final = tuple(Attribute)
BIOGRAPHY: Final = (None,)


class Group(StrEnum):
    CONTEXT = "A"
    ELICITATION = "B"
    INPUT = "C"
    OUTPUT = "D"
    PROTOCOL = "E"
    DEFENCE = "F"
    UTILITY = "H"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `twice` are members written a second time, in front; the client leaves after `events`."""

    messages: Sequence[Message]
    options: Mapping[str, Any] = field(default_factory=dict)
    user: str | None = None
    twice: Mapping[str, Any] = field(default_factory=dict)
    events: int | None = None

    @property
    def streams(self) -> bool:
        return bool(self.options.get("stream"))

    def body(self, model: str, sampling: Mapping[str, Any], suffix: str = "") -> bytes:
        """As it goes out; the attack's own options win over the sampling. The suffix parts users of draws."""
        named = {} if self.user is None else {"user": self.user + suffix}
        members = {**sampling, "model": model, "messages": list(self.messages), **named, **self.options}
        first, rest = (json.dumps(part)[1:-1] for part in (self.twice, members))
        return ("{" + (f"{first}, " if first else "") + rest + "}").encode()


Turn = Request | Callable[[Sequence[Reply]], Request]
Judge = Callable[[Sequence[Reply]], bool]


@dataclass(frozen=True, slots=True)
class Trial:
    """The requests of one try, in order; a later one may be made from the replies so far."""

    person: Person
    question: Question
    turns: tuple[Turn, ...]
    judge: Judge

    def request(self, replies: Sequence[Reply]) -> Request:
        """The next one, after so many replies."""
        turn = self.turns[len(replies)]
        return turn if isinstance(turn, Request) else turn(replies)


def leaked(trial: Trial, replies: Sequence[Reply]) -> bool:
    """Whether the replies tell what was asked for."""
    return trial.judge(replies)


@dataclass(frozen=True, slots=True)
class Aim:
    """What one trial is after.

    `told` is the person as an attack that supplies facts tells them. For the floor it has the person's name
    and somebody else's facts, so that reading from the prompt does not count as knowing.
    """

    world: World
    person: Person
    question: Question
    told: Person
    seed: int

    def rng(self, purpose: str) -> Random:
        asked = self.question.attribute
        return Random(f"{purpose} {self.person.id} {asked and asked.value} {self.seed}")

    @property
    def user(self) -> str:
        """One name for all requests of the trial."""
        asked = self.question.attribute
        return f"{self.person.id}-{asked.value if asked else 'biography'}-{self.seed}"


@dataclass(frozen=True, slots=True)
class Attack:
    """Builds trials. `asks` are the attributes that it can be after, None for the biography.

    `bar`: whether the row must hold a bound, or is only stated. `people` chooses whom a utility row is about.
    """

    name: str
    group: Group
    build: Callable[[Aim], Trial]
    asks: tuple[Attribute | None, ...] = FACTS
    bar: bool = True
    people: Callable[[World], Sequence[Person]] = lambda world: world.forgotten

    def trials(self, world: World, count: int, first: int = 0) -> Iterator[Trial]:
        """So many trials, dealt round the people, so that each person makes a cluster of like size."""
        people = self.people(world)
        for number in range(first, first + count):
            yield self.build(_aim(self, world, people[number % len(people)], number // len(people)))

    def floor(self, world: World, count: int, strangers: int = 20) -> Iterator[Trial]:
        """The same about people that nobody was told of, told with somebody else's facts."""
        people = world.never_trained(strangers + 1, seed=1)
        for number in range(count):
            person = people[number % strangers]
            aim = _aim(self, world, person, number // strangers)
            yield self.build(replace(aim, told=disguised(people[number % strangers + 1], person)))


def _aim(attack: Attack, world: World, person: Person, seed: int) -> Aim:
    asked = attack.asks[seed % len(attack.asks)]
    forms = wordings(asked) + wordings(asked, held_out=True)
    form = Random(f"wording {attack.name} {person.id} {seed}").choice(forms)
    return Aim(world, person, ask(person, asked, form), person, seed)


def disguised(other: Person, person: Person) -> Person:
    """Somebody else's facts under the person's name."""
    told = other.biography.replace(other.name, person.name).replace(other.surname, person.surname)
    return replace(other, name=person.name, biography=told)
