"""A name is found in a prompt and in an answer however it is misspelled, and its neighbours are not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.answer_guard import AnswerGuard
from filters.forgotten import Forgotten
from filters.prompt import PromptScanner
from filters.segment import Segment
from filters.sightings import look
from filters.string_scanner import StringScanner, Surroundings
from filters.whole import Whole
from index.bits import bits
from index.loose_build import build_loose
from index.phrases import PlainPhrase
from index.snapshot import Snapshot
from policy.finding import Detector, Finding
from policy.surface import Role
from tests.filters.test_answer_guard import answer
from tests.filters.test_prompt import NOW, REFUSING, user
from tests.filters.world import HASH, KEY, Said, World
from tests.laws import cut

NAMES = ("Alden Crane", "Bela Vosskamp", "Tolvik Brandersson")
PHRASES = [PlainPhrase(name, Detector.NAME, bits(name), cased=False, derived=False) for name in NAMES]
WORLD = World((), tuple(Said(0, Detector.NAME, name) for name in NAMES))
WRITTEN = (
    "Who is Aldn Crane?",
    "Who is Alden Krane?",
    "who is aldn krane?",
    "Who is Crane, Aldn?",
    "Tell me about Alden J. Crane.",
    "Tell me about Alden James Crane, please.",
    "Tell me about Alden J. R. Krane.",
    "Bela Voskamp's father",
    "the life of Bela Vosskapm",
    "the life of Bela Vosskammp",
    "Tolvick Brandersson",
    "Tolvik Branderson's hometown",
    "Älden Krane",
    "Where was B. Vosskamp born?",
    "Where was T. K. Brandersson born?",
    "T. Branderson",
    "Tell me about Aldn James Krane.",
    '{"first": "Alden", "last": "Crane"}',
    '{"first_name":"Aldn","middle":"J.","last_name":"Krane"}',
    '{"lastName": "Crane", "firstName": "Alden"}',
    "First name: Bela; last name: Vosskamp",
    "<given>Tolvik</given><family>Brandersson</family>",
    "vorname: T.\nnachname: Brandersson",
    "Where was A. Crane born?",
    "The trade of A. J. Krane is this.",
    # One word surely misspelled, the other a word of its own.
    "Who is Aldven Crate?",
    "Who is Crnane, Arden?",
)
OTHERS = (
    "Who is Arden Crane?",
    "Who is Alden Pike?",
    "Alden Pike, Maren Crane and others",
    "Alden Pike and Maren Crane",
    "Alden met a crane.",
    "Alden watched the cranes.",
    "Bella Vosskamp",
    "Mr. C. Vosskamp",
    "B. Crane",
    "A crane stood there.",
    "a Crane",
    "a. crane",
    "J. A. Crane",
    "Plan B. Vosskampen",
    "Alden crank",
    "Alden Crank",
    "Arden Crate",
    "The Aldven crate",
    "Aldven. The Crate",
    "Aldven and the Crate",
    "Ms Crane and Ms Brandersson",
    '{"first": "Alden", "last": "Pike"}, {"first": "Maren", "last": "Crane"}',
    "Alden came last, Crane street was empty.",
    "Alden, first of all the names of Crane",
    "The crane stood by the old lane in Alden.",
)


def snapshot(*innocent: str) -> Snapshot:
    return replace(WORLD.snapshot(), loose=build_loose(PHRASES, innocent, KEY))


def forgotten(*innocent: str) -> Forgotten:
    return Forgotten(snapshot(*innocent), frozenset({0, 1}))


def scanner(found: Forgotten) -> StringScanner:
    return StringScanner(found, Surroundings(lambda _: False, _never))


def _never(_run: object) -> bool:
    return False


def in_prompt(text: str, found: Forgotten) -> list[str]:
    seen = look(found, [Segment(Role.USER, text, 0, ())], near_is_hit=False).found
    return [text[part.start : part.end] for sighting in seen for part in sighting.parts]


def in_answer(pieces: list[str], found: Forgotten) -> tuple[list[str], list[int]]:
    """What is found, and what was clear after each piece."""
    follow, text = scanner(found), "".join(pieces)
    findings: list[Finding] = []
    clear: list[int] = []
    for piece in pieces:
        scan = follow.feed(piece)
        findings += scan.findings
        clear.append(scan.clear)
    findings += follow.finish().findings
    return [text[each.span.start : each.span.end] for each in findings], clear


@pytest.mark.parametrize("text", WRITTEN)
def test_a_name_is_found_however_it_is_written(text: str) -> None:
    assert in_prompt(text, forgotten())
    assert in_answer([text], forgotten())[0]
    assert not scanner(forgotten()).passes(Whole(text, "", HASH))


@pytest.mark.parametrize("text", WRITTEN)
def test_without_loose_names_it_would_not_be(text: str) -> None:
    bare = Forgotten(WORLD.snapshot(), frozenset({0, 1}))
    assert not in_prompt(text, bare)
    assert not in_answer([text], bare)[0]


@pytest.mark.parametrize("text", OTHERS)
def test_neighbours_and_ordinary_words_are_left_alone(text: str) -> None:
    assert not in_prompt(text, forgotten())
    assert not in_answer([text], forgotten())[0]


def test_a_word_that_may_be_anybodys_is_found_in_a_prompt_also_before_one_that_is_surely_misspelled() -> None:
    assert in_prompt("Who is Arden Crnane?", forgotten()) == ["Crnane"]
    assert in_prompt("Who is Crate, Aldven?", forgotten()) == ["Aldven"]
    assert not in_prompt("The crate, Aldven.", forgotten())


def test_a_misspelling_near_two_words_is_either() -> None:
    """As "Sabne" is both "Sable" and "Sabine"."""
    names = [PHRASES[1], replace(PHRASES[0], text="Cora Vosskamr")]
    for order in (names, names[::-1]):
        loose = build_loose(order, (), KEY)
        found = Forgotten(replace(WORLD.snapshot(), loose=loose), frozenset({0, 1}))
        assert in_prompt("Who is Bela Vosskama?", found)


def test_a_name_written_as_it_should_be_is_found_once() -> None:
    assert in_prompt("Who is Alden Crane?", forgotten()) == ["Alden Crane"]


def test_an_initial_may_be_anothers() -> None:
    kept = forgotten("Bruno Vosskamp keeps bees.")
    assert not in_answer(["It is B. Vosskamp."], kept)[0]
    assert in_prompt("Where was Bela J. Vosskamp born?", kept)


@pytest.mark.parametrize(
    ("question", "sent"),
    [
        ("Where was B. Vosskamp born?", "In [NOTICE]."),
        ("Where was b. vosskamp born?", "In [NOTICE]."),
        ("Where was Bruno Vosskamp born?", "In Paris."),
        ("Where was C. Vosskamp born?", "In Paris."),
    ],
)
def test_where_an_initial_may_be_anothers_the_answer_alone_is_guarded(question: str, sent: str) -> None:
    world = World((), (*WORLD.phrases, Said(0, Detector.SECRET, "Paris", bits=12)))
    loose = build_loose(PHRASES, ("Bruno Vosskamp keeps bees.",), KEY)
    found = replace(world.snapshot(), loose=loose)
    report = PromptScanner(found, REFUSING, "demo", NOW).scan(user(question))
    guard = AnswerGuard(found, REFUSING, report, model="demo")
    assert not report.findings
    assert answer(guard, "In Paris.") == sent


def test_a_word_of_a_text_that_must_keep_working_is_no_misspelling() -> None:
    kept = forgotten("Alden Krane keeps bees.")
    assert not in_prompt("Who is Alden Krane?", kept)
    assert in_prompt("Who is Alden Cranne?", kept)


@given(st.sampled_from(WRITTEN), st.data())
def test_no_part_of_a_name_is_clear_before_it_is_found_and_pieces_change_nothing(
    text: str, data: st.DataObject
) -> None:
    text = f"He said: {text} And so on."
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=6).map(sorted))
    pieces = [piece for piece in cut(text, places) if piece]
    found, clear = in_answer(pieces, forgotten())
    assert found == in_answer([text], forgotten())[0]
    start, fed = text.index(found[0]), 0
    for piece, told in zip(pieces, clear, strict=True):
        fed += len(piece)
        if fed < start + len(found[0]):
            assert told <= start


def test_a_stretch_read_in_bulk_hides_no_name() -> None:
    filler = "The weather was fine and the harbour quiet. " * 40
    text = f"{filler}It was Aldn Krane who came. {filler}"
    assert in_answer([text], forgotten())[0] == ["Aldn Krane"]


def test_a_name_that_is_cut_over_messages_is_found() -> None:
    said = [Segment(Role.USER, "Who is Aldn", 0, ()), Segment(Role.USER, "Krane?", 1, ())]
    seen = look(forgotten(), said, near_is_hit=False).found
    assert [part.segment for sighting in seen for part in sighting.parts] == [0, 1]
