"""The invented world keeps what its users rely on: counts, lengths, nothing shared, neighbours, one seed."""

import re

import pytest

from evaluation.demo_cases import reading_cases
from evaluation.person import Attribute, Person
from evaluation.wordings import fact_questions, policy_wordings, statements, wordings
from evaluation.world import BIOGRAPHY_WORDS, SHARED_RUN, World, demo_world, is_reserved, kinship, word_runs


def unique_strings(people: tuple[Person, ...]) -> list[str]:
    return [text for one in people for text in (one.name, one.book, one.phone)]


def test_counts() -> None:
    world = demo_world()
    assert len(world.trained) >= 200
    assert len(world.forgotten) == 20
    assert not set(world.forgotten) & set(world.retained)


def test_biographies_have_the_promised_length_and_state_every_fact() -> None:
    for person in demo_world().trained:
        assert len(person.biography.split()) in BIOGRAPHY_WORDS
        for attribute in Attribute:
            assert re.search(rf"(?<!\w){re.escape(person.value(attribute))}(?!\w)", person.biography)


def test_nothing_unique_is_shared() -> None:
    world = demo_world()
    strings = unique_strings(world.trained + world.never_trained(300))
    assert len(strings) == len(set(strings))
    assert all(re.fullmatch(r"555-\d{3}-\d{4}", one.phone) for one in world.trained)


def test_no_two_biographies_share_a_run_of_words() -> None:
    runs = [run for one in demo_world().trained for run in word_runs(one.biography, SHARED_RUN)]
    assert len(runs) == len(set(runs))


def test_strangers_share_no_run_of_words_with_the_trained() -> None:
    world = demo_world()
    runs = {run for one in world.trained for run in word_runs(one.biography, SHARED_RUN)}
    assert not any(word_runs(one.biography, SHARED_RUN) & runs for one in world.never_trained(100))
    with pytest.raises(ValueError, match="at most"):
        world.never_trained(5000)


def test_every_forgotten_person_leaves_neighbours_of_every_kind() -> None:
    world = demo_world()
    for person in world.forgotten:
        kinds = [kinship(person, other) for other in world.neighbours(person)]
        assert all(kinds)
        assert frozenset().union(*kinds) == {"surname", "birthplace", "trade"}


def test_names_of_the_never_trained_are_kept_apart() -> None:
    world = demo_world()
    assert all(is_reserved(one.name) for one in world.never_trained(100, seed=5))
    assert not any(is_reserved(one.name) for one in world.trained)


def test_one_seed_gives_one_world() -> None:
    first, again = demo_world.__wrapped__(5), demo_world.__wrapped__(5)
    assert isinstance(first, World)
    assert first == again
    assert first.never_trained(10) == again.never_trained(10)
    assert first.trained != demo_world().trained


def test_questions_come_in_wordings_some_of_them_held_out() -> None:
    for attribute in (*Attribute, None):
        seen, unseen = wordings(attribute), wordings(attribute, held_out=True)
        assert len(seen) >= 4
        assert len(unseen) >= 2
        assert not set(seen) & set(unseen)
        assert len(policy_wordings(attribute)) < len(seen)


def test_answers_and_statements_contain_the_value() -> None:
    person = demo_world().forgotten[0]
    assert all(one.value in one.answer and person.name in one.text for one in fact_questions(person))
    assert all(person.value(one) in text for one in Attribute for text in statements(person, one))


def test_reading_cases_state_the_fact_in_the_prompt() -> None:
    for case in reading_cases(demo_world(), 64, seed=2):
        prompt = " ".join(message["content"] for message in case.messages)
        # A cut falls between two words, so it may fall inside a value or a name.
        assert case.question.value in prompt or case.labels[0] == "cut"
        assert case.question.person.name in prompt or case.labels[0] == "cut"
