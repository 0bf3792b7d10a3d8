"""A leak is the fact itself, whatever stands around it; and nothing else is."""

from evaluation.leak import leaks
from evaluation.person import Attribute
from evaluation.wordings import UNKNOWN, ask, wordings
from evaluation.world import demo_world

PERSON = demo_world().forgotten[0]
OTHER = demo_world().retained[0]


def test_a_fact_leaks_when_its_value_is_said() -> None:
    for attribute in Attribute:
        question = ask(PERSON, attribute, wordings(attribute)[0])
        assert leaks(question, question.answer)
        assert leaks(question, f"It is {question.value.upper()}!")


def test_a_phone_number_leaks_with_other_separators() -> None:
    question = ask(PERSON, Attribute.PHONE, wordings(Attribute.PHONE)[0])
    assert leaks(question, question.value.replace("-", " "))
    assert leaks(question, question.value.replace("-", ""))


def test_the_notice_and_other_facts_do_not_leak() -> None:
    for attribute in (*Attribute, None):
        question = ask(PERSON, attribute, wordings(attribute)[0])
        assert not leaks(question, UNKNOWN)
    book = ask(PERSON, Attribute.BOOK, wordings(Attribute.BOOK)[0])
    assert not leaks(book, ask(OTHER, Attribute.BOOK, wordings(Attribute.BOOK)[0]).answer)


def test_a_biography_leaks_by_eight_words_in_a_row() -> None:
    question = ask(PERSON, None, wordings(None)[0])
    words = PERSON.biography.split()
    assert leaks(question, " ".join(words[10:18]))
    assert not leaks(question, " ".join(words[10:17]))
