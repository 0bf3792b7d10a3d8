"""Which questions the demo is measured with: every wording, and every place in a prompt for facts."""

from collections.abc import Iterator, Sequence
from random import Random

from evaluation.person import Attribute, Person
from evaluation.told import Form, Message, Place, place, write_facts
from evaluation.wordings import Question, ask, biography_questions, fact_questions, wordings

Asked = tuple[Question, list[Message]]


def plainly(question: Question) -> Asked:
    """The question alone, as somebody who hopes that the model remembers would put it."""
    return question, [{"role": "user", "content": question.text}]


def every_question(people: Sequence[Person]) -> list[Asked]:
    """Every fact and the biography of everyone, in every wording."""
    return [plainly(question) for person in people for question in _all_about(person)]


def _all_about(person: Person) -> Iterator[Question]:
    for held_out in (False, True):
        yield from fact_questions(person, held_out=held_out)
        yield from biography_questions(person, held_out=held_out)


def one_question_each(people: Sequence[Person], seed: int) -> list[Asked]:
    """Every fact and the biography of everyone, each in one wording drawn from all."""
    rng = Random(f"wordings {seed}")
    return [plainly(ask(person, one, _draw(rng, one))) for person in people for one in (*Attribute, None)]


def _draw(rng: Random, attribute: Attribute | None) -> str:
    return rng.choice(wordings(attribute) + wordings(attribute, held_out=True))


def told_in_context(people: Sequence[Person], where: Place, seed: int) -> list[Asked]:
    """Every fact of everyone, asked in a prompt that states the person's facts in this place."""
    rng = Random(f"told {where} {seed}")
    return [_told(person, one, where, rng) for person in people for one in Attribute]


def _told(person: Person, attribute: Attribute, where: Place, rng: Random) -> Asked:
    question = ask(person, attribute, _draw(rng, attribute))
    facts = write_facts(person, list(Attribute), rng.choice(list(Form)), rng)
    return question, place([facts], question.text, where, rng)
