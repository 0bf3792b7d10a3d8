"""Beside a name, whole pieces go; questions that stand on their own remain, whatever they say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.person import Attribute
from evaluation.wordings import ask, wordings
from evaluation.world import demo_world
from filters.cutting import around_names
from filters.regions import REMOVED, regions, without
from policy.finding import Span
from tests.growth import grows_at_most
from tests.laws import law

NAME = "Alden Crane"


def cut(text: str, name: str = NAME) -> str:
    names = [Span(*found.span()) for found in re.finditer(re.escape(name), text)]
    return without(text, list(around_names(text, names)))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "Where was Alden Crane born? Where was Basil Mercer born?",
            "[removed] Where was Basil Mercer born?",
        ),
        ("Where is Bern, and who is Alden Crane?", "Where is Bern[removed]"),
        (
            "Who is Alden Crane, and what is the capital of France?",
            "[removed], and what is the capital of France?",
        ),
        ("Alden Crane was a cooper. Please translate this text: no", "[removed]"),
        ("Alden Crane was a cooper. Translate dog into French.", "[removed] Translate dog into French."),
        ("Hi.\n  Who is Alden Crane?\nBye.", "Hi.\n  [removed]\nBye."),
        (
            "Alden Crane. Basil Mercer was born in which town?",
            "[removed] Basil Mercer was born in which town?",
        ),
    ],
)
def test_a_question_of_its_own_remains(text: str, left: str) -> None:
    assert cut(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "I know Alden Crane. It was Paris, I think.",
        "Was it Paris? I mean what people say about Alden Crane.",
        "Alden Crane lived in Paris. Is that so? Where did he die?",
        "Alden Crane. What about Paris? How about 1931? What if Paris?",
        "Alden Crane. Where is that? Who was he?",
        "Wer ist Alden Crane? Wo liegt Paris?",
        "Alden Crane: Paris, yes or no?",
    ],
)
def test_what_may_be_about_the_name_goes_with_it(text: str) -> None:
    assert cut(text) == REMOVED


def test_most_questions_about_somebody_else_remain() -> None:
    """In all wordings, those in which the cut was not tried while it was made among them."""
    world = demo_world(77)
    other, left = world.retained[0], 0
    asked = [
        (ask(world.forgotten[0], one, form).text, ask(other, one, form).text)
        for one in Attribute
        for held_out in (False, True)
        for form in wordings(one, held_out=held_out)
    ]
    for forgotten, retained in asked:
        text = cut(f"{forgotten} {retained}", world.forgotten[0].name)
        assert world.forgotten[0].name not in text
        left += retained in text
    assert left >= 0.95 * len(asked)


GUESSES = st.sampled_from(
    ["555-201-3391", "417-866-0254", "12 March 1931", "Port Vellum", "Paris", "beekeeper", "x@y.example"]
)
PIECES = st.sampled_from(
    [
        "Is {} right?",
        "It was {}.",
        "What about {}?",
        "And {}?",
        "I mean {}.",
        "Who said {} there?",
        "{}",
        "Not {}, is it?",
    ]
)


@law
@given(st.lists(PIECES, min_size=1, max_size=4), st.integers(0, 4), GUESSES, GUESSES)
def test_a_guess_that_is_right_and_one_that_is_wrong_are_cut_alike(
    said: list[str], place: int, right: str, wrong: str
) -> None:
    """What remains is told by the form of a piece alone, so what was put into it changes nothing of that."""
    said.insert(min(place, len(said)), f"Who is {NAME}?")
    shapes = {
        cut(" ".join(piece.format(guess) for piece in said)).replace(guess, "{}") for guess in (right, wrong)
    }
    assert len(shapes) == 1


@law
@given(st.text("Alden Crane.?!\n ,where and", max_size=80))
def test_no_line_that_names_keeps_the_name(text: str) -> None:
    assert NAME not in cut(f"{NAME} {text}")
    spans = list(around_names(text, [Span(*found.span()) for found in re.finditer(NAME, text)]))
    assert regions(spans) == [(span.start, span.end) for span in spans]


def test_time_is_linear_in_the_line() -> None:
    line = f"Who is {NAME}? Where is Bern and why? "
    assert grows_at_most(24, lambda size: cut(line * size), 2_000, 16_000)
