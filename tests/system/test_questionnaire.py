"""The questions cover everything that was trained, and the told facts really stand in the prompt."""

import pytest

from evaluation.person import Attribute
from evaluation.told import Place
from evaluation.wordings import wordings
from evaluation.world import demo_world
from tests.system.questionnaire import every_question, one_question_each, told_in_context

PEOPLE = demo_world().forgotten


def test_every_fact_is_asked_in_every_wording() -> None:
    forms = sum(
        len(wordings(one, held_out=held_out)) for one in (*Attribute, None) for held_out in (False, True)
    )
    questions = every_question(PEOPLE)
    assert len(questions) == len({question.text for question, _ in questions}) == forms * len(PEOPLE)


def test_a_seed_draws_the_same_questions_again() -> None:
    assert one_question_each(PEOPLE, 1) == one_question_each(PEOPLE, 1) != one_question_each(PEOPLE, 2)


@pytest.mark.parametrize("where", list(Place))
def test_told_facts_stand_in_the_prompt(where: Place) -> None:
    asked = told_in_context(PEOPLE[:3], where, seed=0)
    assert len(asked) == 3 * len(Attribute)
    for question, messages in asked:
        # A cut may fall inside a value, with a nod of the assistant between the parts.
        nods = "assistant" if where is Place.CUT else ""
        prompt = " ".join(message["content"] for message in messages if message["role"] != nods)
        assert question.value in prompt.replace("\n", " ")
        assert question.text in prompt
