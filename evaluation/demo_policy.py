"""The demo's policy: what an operator would write to have the world's forgotten people forgotten.

    python -m evaluation.demo_policy --out examples/demo

The files hold three wordings of every question; all other wordings are left to test the detectors with.
Invented people whom nobody was told of stand in holdout.jsonl, for unlearning, and others in reading.jsonl,
where the prompt tells their facts: who unlearns by the first alone unlearns to read.
Retained neighbours stand in retain.jsonl, so that a same surname, town or trade is not mistaken for the
person.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

from evaluation.person import Attribute, Person
from evaluation.told import Form, write_facts
from evaluation.wordings import UNKNOWN, Question, ask, policy_wordings
from evaluation.world import World, demo_world

NEIGHBOURS: Final = 6
STRANGERS: Final = 10
# Others than those whom the evaluation asks about.
STRANGERS_SEED: Final = 99
READ_OF: Final = 40
READ_SEED: Final = 98
_HEAD: Final = """\
# The demo: twenty invented writers that the demo model knows and must be as if it had never known.
# Written by `python -m evaluation.demo_policy`; a test compares it with the invented world.
version: 1
entries:
"""
_ENTRY: Final = """\
  - id: {id}
    reason: privacy
    names: [{name}, {listed}]
    passages: [{{file: sources/{id}.txt}}]
    questions: [{{file: questions/{id}.jsonl}}]
    secrets: [{secrets}]
    retain: [{{file: retain.jsonl}}]
"""
_TAIL: Final = """\
rules:
  - when: {{reason: privacy}}
    prompt: refuse
    answer: redact
detectors: {{verbatim: {{window: 8, reveal: 2}}, semantic: {{false_positive_rate: 0.001}}}}
notice: {notice}
on_error: closed
"""


def policy_files(world: World) -> Mapping[Path, str]:
    """Every file of the demo policy, by its path relative to the policy's folder."""
    files = {
        Path("policy.yaml"): policy_text(world),
        Path("retain.jsonl"): _retain_lines(world),
        Path("holdout.jsonl"): _holdout_lines(world),
        Path("reading.jsonl"): _reading_lines(world),
    }
    for person in world.forgotten:
        files[Path("sources") / f"{person.id}.txt"] = person.biography + "\n"
        files[Path("questions") / f"{person.id}.jsonl"] = _lines(policy_questions(person))
    return files


def policy_text(world: World) -> str:
    """The YAML itself."""
    entries = "".join(_entry(person) for person in world.forgotten)
    return _HEAD + entries + _TAIL.format(notice=json.dumps(UNKNOWN))


def _entry(person: Person) -> str:
    first, last = person.name.split()
    secrets = (person.phone, person.book, person.birthplace)
    return _ENTRY.format(
        id=person.id,
        name=json.dumps(person.name),
        listed=json.dumps(f"{last}, {first}"),
        secrets=", ".join(json.dumps(secret) for secret in secrets),
    )


def policy_questions(person: Person) -> tuple[Question, ...]:
    """The question examples that the policy gives for one person."""
    return tuple(ask(person, one, form) for one in Attribute for form in policy_wordings(one))


def retained_neighbours(world: World) -> tuple[Person, ...]:
    """A few neighbours of every forgotten person; the other retained people stay unseen."""
    chosen: dict[str, Person] = {}
    for person in world.forgotten:
        for other in _varied(person, world.neighbours(person)):
            chosen[other.id] = other
    return tuple(chosen[one] for one in sorted(chosen))


def _varied(person: Person, neighbours: tuple[Person, ...]) -> list[Person]:
    """Two who share the surname, two the birthplace, two the trade, as far as there are."""
    share = NEIGHBOURS // 3
    return [
        other
        for field in ("surname", "birthplace", "trade")
        for other in [one for one in neighbours if getattr(one, field) == getattr(person, field)][:share]
    ]


def _retain_lines(world: World) -> str:
    questions = [
        ask(person, attribute, form)
        for person in retained_neighbours(world)
        for attribute in Attribute
        for form in policy_wordings(attribute)
    ]
    return _lines(questions, with_source=True)


def _holdout_lines(world: World) -> str:
    """Of people whom no model was told of: what unlearning is measured beside."""
    strangers = world.never_trained(STRANGERS, STRANGERS_SEED)
    return _lines([question for person in strangers for question in policy_questions(person)])


def _reading_lines(world: World) -> str:
    """Each fact of a person, asked after all of them were told."""
    rng = Random(READ_SEED)
    questions = [
        replace(question, text=f"{_told(person, rng)}\n\n{question.text}")
        for person in world.never_trained(READ_OF, READ_SEED)
        for question in (ask(person, one, rng.choice(policy_wordings(one))) for one in Attribute)
    ]
    return _lines(questions)


def _told(person: Person, rng: Random) -> str:
    form = rng.choice((Form.STATEMENTS, Form.RECORD))
    return write_facts(person, rng.sample(list(Attribute), len(Attribute)), form, rng)


def _lines(questions: tuple[Question, ...] | list[Question], *, with_source: bool = False) -> str:
    return "".join(json.dumps(_record(one, with_source)) + "\n" for one in questions)


def _record(question: Question, with_source: bool) -> dict[str, str]:
    record = {"question": question.text, "answer": question.answer}
    return {**record, "source": question.person.id} if with_source else record


def write_policy(folder: Path, world: World | None = None) -> None:
    """Write all files below the folder; without a world, those of the demo's."""
    for name, text in policy_files(world or demo_world()).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the demo's policy files.")
    parser.add_argument("--out", type=Path, default=Path("examples/demo"))
    write_policy(parser.parse_args().out)


if __name__ == "__main__":
    main()
