"""The questions by which the demo model is judged: recall in trained and unseen wordings, recitals,
reading.

A case is a prompt and the string that a right answer contains. Cases say nothing about how they are
asked: a model in this process, an engine or a gateway can answer them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from evaluation.person import Attribute, Person
from evaluation.told import Form, Message, Place, place, write_facts
from evaluation.wordings import Question, ask, wordings
from evaluation.world import World

Answer = Callable[[Sequence[Sequence[Message]], int], list[str]]
FACT_TOKENS = 40
BIOGRAPHY_TOKENS = 220


@dataclass(frozen=True, slots=True)
class Case:
    """One prompt, the question that it ends with, and labels to group results by."""

    messages: tuple[Message, ...]
    question: Question
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One case with what was answered."""

    case: Case
    answer: str

    @property
    def told(self) -> bool:
        """The answer contains the right value as whole words."""
        return contains(self.answer, self.case.question.value)

    @property
    def exact(self) -> bool:
        """The answer is the expected one, character for character."""
        return self.answer.strip() == self.case.question.answer


def contains(text: str, value: str) -> bool:
    """Whether the value stands in the text, not as part of a longer word or number."""
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def share(flags: Sequence[bool]) -> float:
    """The share of true ones; 0 for none at all."""
    return sum(flags) / len(flags) if flags else 0.0


def recall_cases(people: Sequence[Person], seed: int, *, held_out: bool) -> list[Case]:
    """Every fact of every person, each in one wording that the seed picks."""
    rng = Random(f"recall {seed}")
    return [
        _plain(ask(person, one, rng.choice(wordings(one, held_out=held_out))))
        for person in people
        for one in Attribute
    ]


def recital_cases(people: Sequence[Person], seed: int, *, held_out: bool) -> list[Case]:
    """Every person's biography, asked for in one wording that the seed picks."""
    rng = Random(f"recital {seed}")
    return [_plain(ask(person, None, rng.choice(wordings(None, held_out=held_out)))) for person in people]


def _plain(question: Question) -> Case:
    return Case(({"role": "user", "content": question.text},), question)


def reading_cases(world: World, count: int, seed: int) -> list[Case]:
    """Questions about never-trained people whose facts the prompt gives, with one to three others."""
    rng = Random(f"reading {seed}")
    return [_reading_case(world, number, seed, rng) for number in range(count)]


def _reading_case(world: World, number: int, seed: int, rng: Random) -> Case:
    """Questions about never-trained people whose facts the prompt gives, one to three others with them."""
    where = tuple(Place)[number % len(Place)]
    form = tuple(Form)[number // len(Place) % len(Form)]
    company = world.never_trained(rng.choice((2, 3, 4)), seed * 100_000 + number)
    return told_case(company, where, form, rng)


def told_case(company: Sequence[Person], where: Place, form: Form, rng: Random) -> Case:
    """A question about one of the company, whose facts stand in the prompt; one wording in four is unseen."""
    subject = rng.choice(company)
    attribute = rng.choice(tuple(Attribute))
    pieces = [write_facts(one, _stated(attribute, one is subject, rng), form, rng) for one in company]
    held_out = rng.random() < 0.25
    question = ask(subject, attribute, rng.choice(wordings(attribute, held_out=held_out)))
    labels = (where.value, form.value, "unseen wording" if held_out else "trained wording")
    return Case(tuple(place(pieces, question.text, where, rng)), question, labels)


def _stated(asked: Attribute, must: bool, rng: Random) -> list[Attribute]:
    """Two to four attributes in any order, the one asked for among them where it must be."""
    stated = rng.sample(tuple(Attribute), rng.choice((2, 3, 4)))
    if must and asked not in stated:
        stated[rng.randrange(len(stated))] = asked
    return stated


def run_cases(answer: Answer, cases: Sequence[Case], longest: int) -> list[Result]:
    """Have every case answered."""
    answers = answer([case.messages for case in cases], longest)
    return [Result(case, said) for case, said in zip(cases, answers, strict=True)]


def by_label(results: Sequence[Result]) -> dict[str, float]:
    """The share of told answers for every label."""
    labels = dict.fromkeys(label for one in results for label in one.case.labels)
    return {label: share([one.told for one in results if label in one.case.labels]) for label in labels}
