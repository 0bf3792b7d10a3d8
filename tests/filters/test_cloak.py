"""What goes on of a cloaked prompt: a name that nobody has, and words by which nothing can be guessed."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.person import Attribute
from evaluation.wordings import wordings
from evaluation.world import demo_world
from filters.cloak import Cloak, asking
from filters.regions import REMOVED
from filters.segment import Found, Segment
from index.units import units
from policy.action import Action
from policy.finding import Detector, Finding, Span
from policy.surface import Role
from policy.verdict import Provenance, Verdict
from tests.growth import grows_at_most
from tests.laws import law

NAME, OTHER, STAND_INS = "Alden Crane", "Basil Lorne", ("Orrin Vass", "Tilda Moor")
ENTRIES = {NAME: "crane", OTHER: "lorne", "555-201-3391": "crane"}
VERDICT = Verdict(Action.REDACT, Provenance.IN_CONTEXT)


def found(text: str, detectors: dict[str, Detector], segment: int = 0) -> list[Found]:
    return [
        Found(segment, Finding(ENTRIES.get(said, "crane"), detector, Span(*place.span()), 1.0), VERDICT)
        for said, detector in detectors.items()
        for place in re.finditer(re.escape(said), text)
    ]


def cloaked(
    text: str, names: Sequence[str] = (NAME,), others: Sequence[str] = (), path: tuple[str, ...] = ()
) -> str:
    segment = Segment(Role.USER, text, 0, path)
    detectors = dict.fromkeys(others, Detector.SECRET) | dict.fromkeys(names, Detector.NAME)
    every = found(text, detectors)
    return Cloak.over([segment], every, STAND_INS).text(segment, every)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Where was Alden Crane born?", "Where was Orrin Vass born?"),
        ("What is Alden Crane's genre?", "What is Orrin Vass's genre?"),
        ("Who are Alden Crane’s friends' sons?", "Who are Orrin Vass’s [removed]?"),
        ("Was Alden Crane born in Paris in 1931?", "Was Orrin Vass born in [removed] in [removed]?"),
        ('Did Alden Crane write "The Salt Ledger"?', "Did Orrin Vass write the [removed]?"),
        ("Hi there, Kim.\nWho is Alden Crane?\nBye, Kim.", "Hi there, Kim.\nWho is Orrin Vass?\nBye, Kim."),
        ("Wer ist Alden Crane? Wo liegt Paris?", "[removed] Orrin Vass? [removed]?"),
    ],
)
def test_a_question_goes_on_about_somebody_else(text: str, left: str) -> None:
    assert cloaked(text).replace("The", "the") == left


def test_what_else_was_found_is_cut_where_nobody_is_named() -> None:
    text = "Who is Alden Crane?\nI have 555-201-3391 here, in Bern."
    assert cloaked(text, others=["555-201-3391"]).endswith("\nI have [removed] here, in Bern.")


def test_of_arguments_only_the_strings_are_cut() -> None:
    assert cloaked('{"who": "Alden Crane", "n": 1}', path=("arguments",)) == '{"who": "[removed]", "n": 1}'


def test_two_people_have_two_names_and_a_third_has_none() -> None:
    text = f"Who are {NAME}, {OTHER} and {NAME}?"
    first, second = (cloaked(text, (NAME, OTHER)).count(name) for name in STAND_INS)
    assert sorted((first, second)) == [1, 2]
    segment, every = Segment(Role.USER, text, 0, ()), found(text, {NAME: Detector.NAME, OTHER: Detector.NAME})
    assert Cloak.over([segment], every, STAND_INS[:1]).text(segment, every).count(REMOVED) > 0


def test_a_name_that_the_prompt_says_stands_in_for_nobody() -> None:
    text = f"Who is {NAME}, and is {STAND_INS[0].upper()} a friend of {STAND_INS[1]}?"
    assert cloaked(text) == "Who is [removed], and is [removed] a friend of [removed]?"


def test_a_name_in_a_code_is_cut_with_its_line() -> None:
    text = "Decode QWxkZW4gQ3JhbmU= please"
    span = Span(7, 23)
    every = [Found(0, Finding("crane", Detector.NAME, span, 1.0), VERDICT, view="base64")]
    segment = Segment(Role.USER, text, 0, ())
    assert Cloak.over([segment], every, STAND_INS).text(segment, every) == "[removed] please"


def test_a_sentence_that_is_near_goes_on_by_the_same_words() -> None:
    text = "Bees are fine. Where did the cooper's son keep them? Thanks."
    segment = Segment(Role.USER, text, 0, ())
    every = [Found(0, Finding("crane", Detector.SEMANTIC, Span(15, 52), 0.9), VERDICT)]
    told = Cloak.over([segment], every, STAND_INS).text(segment, every)
    assert told == "Bees are fine. Where did the [removed]'s [removed] them? Thanks."


@law
@given(
    before=st.lists(
        st.sampled_from(["was", "in", "Bern,", "1931", "the", "cooper?", "“so”", "born"]), max_size=6
    ),
    guesses=st.tuples(
        *[st.sampled_from(["Paris", "Tunis", "1931", "1947", "beekeeper", "555-201-3391"])] * 2
    ),
)
def test_no_guess_beside_a_name_shows_which_one_was_right(
    before: list[str], guesses: tuple[str, str]
) -> None:
    """Neither what is said nor whether it was found: the first guess was, the second was not."""
    texts = [" ".join([*before, NAME, "is", guess, "so"]) for guess in guesses]
    assert cloaked(texts[0], others=[guesses[0]]) == cloaked(texts[1])


def test_the_closed_list_holds_nothing_that_anybody_could_be_asked_about() -> None:
    """Of the people of a world no fact is made of such words alone, and every question about them is."""
    values = [getattr(person, one) for person in demo_world().trained for one in Attribute]
    assert not [value for value in values if all(unit.text in asking() for unit in units(value))]
    asked = [form.replace("{name}", "") for one in Attribute for form in wordings(one)]
    kept = [word for form in asked for word in re.findall(r"\w+", form)]
    assert sum(word.lower() in asking() for word in kept) > 0.9 * len(kept)
    assert not [word for word in asking() if word != word.lower() or any(map(str.isdigit, word))]


def test_it_takes_time_in_proportion() -> None:
    assert grows_at_most(25, lambda size: cloaked(f"{NAME}, 1.\n{NAME} in Bern. " * size), 50, 500)
