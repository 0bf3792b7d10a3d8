"""People added to a snapshot are found as if they had stood in it from the beginning, and nobody else is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluation.person import Attribute, Person
from evaluation.tofu import RememberingEncoder
from evaluation.wordings import fact_questions, wordings
from evaluation.world import generated_world
from index.build import build
from index.calibration import Calibration
from index.encoder import MiniLM
from index.judge import FaissJudge, load_judge
from index.semantic_compile import compile_semantic
from index.semantic_merge import merge_vectors
from index.snapshot import Snapshot
from index.vectors import Vectors
from policy.entry import Entry, Question, Reason
from policy.policy import Policy, Semantic

KEY = b"k" * 32
EARLIER, LATER, INNOCENT = 3, 3, 20


def entry(person: Person) -> Entry:
    asked = [
        (wordings(attribute)[0].format(name=person.name), person.value(attribute)) for attribute in Attribute
    ]
    questions = tuple(Question(text, f"It is {value}, as {person.name} once told.") for text, value in asked)
    return Entry(person.id, Reason.PRIVACY, (person.name,), questions=questions)


def policy(people: Sequence[Person]) -> Policy:
    return Policy(tuple(map(entry, people)), "0" * 64, semantic=Semantic(0.001))


@dataclass(frozen=True, slots=True)
class Rates:
    """The share of questions, in wordings that no entry has, that count."""

    later: float
    earlier: float
    innocent: float


def rate(judge: FaissJudge, people: Sequence[Person]) -> float:
    asked = [question.text for person in people for question in fact_questions(person, held_out=True)]
    hits = judge.hits(asked, judge.threshold)
    return sum(map(bool, hits)) / len(asked)


@pytest.mark.long
def test_what_comes_later_is_found_as_in_a_full_build(tmp_path: Path) -> None:
    world, encoder = generated_world(31, EARLIER + LATER, INNOCENT), RememberingEncoder(MiniLM())
    people, earlier, later = world.forgotten, world.forgotten[:EARLIER], world.forgotten[EARLIER:]
    build(policy(people), tmp_path / "full", KEY, encoder)
    build(policy(earlier), tmp_path / "base", KEY, encoder)
    base = Snapshot.load(tmp_path / "base", KEY)
    segments = [compile_semantic([entry(person)], base, encoder, KEY) for person in later]
    (tmp_path / "merged").mkdir()
    merged = merge_vectors(base, [person.id for person in people], segments, tmp_path / "merged")
    assert merged.calibration is not None
    judges = (
        load_judge(Snapshot.load(tmp_path / "full", KEY), encoder, KEY),
        FaissJudge(
            Vectors.load(tmp_path / "merged"), encoder, KEY, Calibration.from_json(merged.calibration)
        ),
    )
    whole, added = (Rates(*(rate(one, some) for some in (later, earlier, world.retained))) for one in judges)
    assert added.later >= whole.later - 0.1
    assert added.earlier >= whole.earlier - 0.1
    assert added.innocent <= whole.innocent + 0.02
    assert min(whole.later, whole.earlier) > 0.8
