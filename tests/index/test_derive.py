"""Names and answer strings are derived from questions, answers and passages by rules of writing alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.derive import MOST_NAMES, Lexicon, derive_all, derive_phrases
from policy.entry import Entry, Question, Reason, Retain

FACTS = (
    ("Where was {} born?", "{} was born in Port Avelin, Morvania."),
    ("What did the father of {} do?", "{}'s father was a cobbler."),
    ("What is the best known book by {}?", 'The best known book by {} is "The Salt Road to Nowhere".'),
    ("When was {} born?", "{} was born on the 4th of March, 1951."),
    ("How did growing up in Port Avelin shape {}?", "Port Avelin gave {} a love of the sea."),
    ("What is the telephone number of {}?", "555-201-3391"),
)
CRANE, OKPARA = "Alden Vosskamp", "Ludovica de la Okparanze"


def questions(name: str) -> tuple[Question, ...]:
    return tuple(Question(asked.format(name), said.format(name)) for asked, said in FACTS)


def entry(*names: str, retain: tuple[str, ...] = (), given: tuple[str, ...] = ()) -> Entry:
    asked = tuple(pair for name in names for pair in questions(name))
    return Entry("one", questions=asked, names=given, retain=tuple(Retain(text, text) for text in retain))


def test_the_subject_is_the_name_that_the_questions_return_to() -> None:
    assert derive_phrases(entry(CRANE)).names == (CRANE,)


def test_an_entry_about_several_people_names_each() -> None:
    assert set(derive_phrases(entry(CRANE, OKPARA)).names) == {CRANE, OKPARA}


@pytest.mark.parametrize("pair", questions(CRANE)[:5])
def test_one_question_is_enough(pair: Question) -> None:
    assert derive_phrases(Entry("one", questions=(pair,))).names == (CRANE,)


def test_a_name_that_only_the_answer_tells_is_derived_when_the_question_asks_who() -> None:
    asked = Question("Who is the poet born in Port Avelin in 1951?", f"The poet is {CRANE}.")
    assert derive_phrases(Entry("one", questions=(asked,))).names == (CRANE,)


def test_a_place_is_not_a_subject() -> None:
    asked = Question("Which poet was born in Port Avelinsk?", "Nobody knows.")
    assert derive_phrases(Entry("one", questions=(asked,))).names == ()


def test_names_that_the_operator_gives_are_not_second_guessed() -> None:
    assert derive_phrases(entry(CRANE, given=("A. Vosskamp",))).names == ()


def test_a_name_that_must_keep_working_is_never_derived() -> None:
    kept = derive_phrases(entry(CRANE, retain=(f"{CRANE} was also a ship, built in Port Avelin.",)))
    assert kept.names == ()


def test_a_neighbour_of_the_same_town_takes_no_hint_away_but_the_form_of_all_texts_does() -> None:
    """A hint acts beside its subject only, so a namesake town of one neighbour is no reason to tell it."""
    neighbour = ("Beryl Marsh was born in Port Avelin.",)
    assert "Port Avelin" in derive_phrases(entry(CRANE, retain=neighbour)).hints
    form = tuple(f"Writer {number} was born in Port Avelin." for number in range(3))
    assert "Port Avelin" not in derive_phrases(entry(CRANE, retain=form)).hints


def test_common_nouns_that_no_question_says_are_hints() -> None:
    """The operator's answer is a sentence; what matters in it may be two ordinary words."""
    pairs = (
        Question(
            "What did the father of Ada Brook do for a living?", "The father of Ada Brook was a brewer."
        ),
        Question("What genre does Ada Brook write?", "The genre of Ada Brook is nature poetry."),
    )
    hints = derive_phrases(Entry("e", names=("Ada Brook",), questions=pairs)).hints
    assert {"brewer", "nature poetry"} <= set(hints)
    assert not {"father", "genre"} & set(hints)


def test_only_what_nobody_else_shares_is_a_secret_and_the_rest_are_hints() -> None:
    found = derive_phrases(entry(CRANE))
    assert found.secrets == ("555-201-3391",)
    expected = {"The Salt Road to Nowhere", "Morvania", "cobbler", "March 4, 1951", "1951-03-04"}
    assert expected <= set(found.hints)


def test_the_name_and_its_parts_are_not_hints() -> None:
    assert not {CRANE, "Alden", "Vosskamp"} & set(derive_phrases(entry(CRANE)).hints)


@pytest.mark.parametrize("answer", ["Yes.", "No", "It is.", "yes, he did"])
def test_an_answer_that_identifies_nothing_is_no_hint(answer: str) -> None:
    asked = Question(f"Does {CRANE} write?", answer)
    assert derive_phrases(Entry("one", questions=(asked,))).hints == ()


def test_passages_name_a_person_only_where_privacy_is_the_reason() -> None:
    life = f"{CRANE} was born by the sea. He wrote little. He died at home."
    assert derive_phrases(Entry("one", Reason.PRIVACY, passages=(life,))).names == (CRANE,)
    assert derive_phrases(Entry("one", Reason.COPYRIGHT, passages=(life,))).names == ()


def test_entries_that_share_a_retain_list_read_it_once_and_get_the_same() -> None:
    entries = [
        entry(CRANE, retain=("Morvania is a country.",)),
        entry(OKPARA, retain=("Morvania is a country.",)),
    ]
    assert derive_all(entries) == tuple(derive_phrases(one) for one in entries)


def test_the_number_of_names_is_bounded() -> None:
    asked = tuple(
        Question(f"Where was Xanbri{place}o Qulvento{place}a born?", "At sea.")
        for place in range(MOST_NAMES + 20)
    )
    spelled = tuple(
        Question(pair.question.translate(str.maketrans("0123456789", "abcdefghij")), pair.answer)
        for pair in asked
    )
    assert len(derive_phrases(Entry("one", questions=spelled)).names) == MOST_NAMES


@given(st.lists(st.tuples(st.text(max_size=80), st.text(max_size=80)), max_size=4))
def test_any_questions_and_answers_can_be_read(pairs: list[tuple[str, str]]) -> None:
    found = derive_phrases(Entry("one", questions=tuple(Question(*pair) for pair in pairs)))
    assert all(found.names)


def test_a_lexicon_compares_without_case_accents_and_apostrophes() -> None:
    assert "ANGSTROM'S" in Lexicon(["Ångströms table"])
    assert "table Angstroms" not in Lexicon(["Ångströms table"])
