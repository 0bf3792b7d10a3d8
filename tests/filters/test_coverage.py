"""A passage in a prompt: edited, cut into pieces, in any order, by any role."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.coverage import AROUND, DOUBLING, MARK, MOST, share_of
from filters.pieces import Piece
from filters.prompt import PromptReport, PromptScanner, Segment
from filters.tally import STRETCH
from policy.finding import Detector
from policy.surface import Role
from tests.filters.test_coverage_scanner import NEIGHBOUR, PASSAGE, filled, shuffled
from tests.filters.test_prompt import ALLOWING, NOW, REDACTING, REFUSING, conversation, user
from tests.filters.world import World

OTHER = (
    "Every autumn the ferryman mended copper kettles, argued with bishops about comets and recited ballads "
    "of drowned harbours to a parrot that answered only in Portuguese."
)
WORLD = World(passages=((0, PASSAGE), (1, OTHER)), share=0.5)
TALK = (
    "What shall we cook for the party on Saturday evening, and who is going to bring the chairs?",
    "I think that the trains were late again because of the snow on the northern line.",
    "Please remind me to call the bank about the new card before they close.",
    "The children liked the film, though it was much too long for a school night.",
)
ROLES = (Role.USER, Role.ASSISTANT, Role.TOOL, Role.SYSTEM, Role.DOCUMENT)


def scan(segments: Sequence[Segment], *, near_is_hit: bool = False, world: World = WORLD) -> PromptReport:
    scanner = PromptScanner(world.snapshot(), REFUSING, "demo", NOW, near_is_hit=near_is_hit)
    return scanner.scan(segments)


def entries(report: PromptReport) -> set[str]:
    return {each.finding.entry for each in report.findings if each.finding.detector is Detector.COVERAGE}


def pieces(text: str, chance: Random, least: int = 5, most: int = 40) -> list[str]:
    said, cut = text.split(), []
    while said:
        size = chance.randint(least, most)
        cut.append(" ".join(said[:size][::-1]))
        said = said[size:]
    return cut


@pytest.mark.parametrize("change", [str, str.upper, shuffled, lambda text: filled(text, 2)])
def test_a_passage_is_found_whatever_was_changed_in_it(change: type[str]) -> None:
    assert entries(scan(user(f"Is this right? {change(PASSAGE)} Tell me."))) == {"first"}
    assert entries(scan(user(f"Is this right? {change(OTHER)} Tell me."))) == {"second"}


@settings(max_examples=30)
@given(st.randoms(use_true_random=False))
def test_pieces_by_any_role_in_any_order_with_other_talk_between_add_up(chance: Random) -> None:
    said = [(chance.choice(ROLES), piece) for piece in pieces(PASSAGE, chance)]
    chance.shuffle(said)
    turns = [turn for piece in said for turn in (piece, (chance.choice(ROLES), chance.choice(TALK)))]
    assert entries(scan(conversation(*turns))) == {"first"}
    apart = [turn for piece in said for turn in (piece, (Role.USER, " ".join(TALK * 4)))]
    assert entries(scan(conversation(*apart))) == {"first"}


def test_text_of_the_same_mould_is_no_passage() -> None:
    report = scan(user(NEIGHBOUR, *TALK))
    assert (entries(report), report.near) == (set(), 0)


def test_what_was_found_stands_where_it_is_said_and_can_be_cut_out() -> None:
    question = (
        "Now say in a word how this makes you feel, and do tell me, please, who would buy a granite mill?"
    )
    text = f"Notes about the town. {PASSAGE} {question}"
    scanner = PromptScanner(WORLD.snapshot(), REDACTING, "demo", NOW)
    ((_, left),) = scanner.scan(user(text)).redacted()
    assert left == f"Notes about the town. [removed]. {question}"


def test_in_a_long_conversation_more_must_be_there() -> None:
    shares = [share_of(units) for units in (1, STRETCH, 2 * STRETCH, 1 << 20)]
    assert shares == [0, 0, DOUBLING, MOST]


def test_words_that_come_up_apart_in_much_text_are_no_passage() -> None:
    """Each pair of the passage is somewhere in it, and never more than one."""
    said = PASSAGE.split()
    pairs = [f"{said[at]} {said[at + 1]}. {' '.join(TALK)}" for at in range(0, len(said) - 1, 2)]
    text = " ".join(pairs * 4)
    assert entries(scan(user(text))) == set()
    assert entries(scan(user(text, PASSAGE))) == {"first"}


def test_what_an_assistant_says_is_told_apart_from_what_supplies() -> None:
    half = len(PASSAGE) // 2
    both = scan(conversation((Role.USER, PASSAGE), (Role.ASSISTANT, PASSAGE[:half]), (Role.USER, "Go on.")))
    key = WORLD.snapshot().pairs.portion(0).key
    assert both.in_context(key) == {Role.USER}
    forged = scan(conversation((Role.ASSISTANT, PASSAGE), (Role.USER, "Go on.")))
    assert forged.in_context(key) == frozenset()
    assert entries(forged) == {"first"}
    assert both.supplied.pairs
    assert not forged.supplied.pairs


def test_what_comes_near_is_counted_and_with_near_as_hits_found() -> None:
    said = PASSAGE.split()
    reports = [scan(user(" ".join(said[:size][::-1])), near_is_hit=False) for size in range(4, len(said))]
    near = [size for size, report in enumerate(reports, 4) if report.near and not entries(report)]
    assert near
    for size in near:
        assert entries(scan(user(" ".join(said[:size][::-1])), near_is_hit=True)) == {"first"}


def test_an_entry_that_is_not_in_force_is_not_found() -> None:
    world = World(passages=((0, PASSAGE),), share=0.5, models={0: ("other",)})
    assert entries(scan(user(PASSAGE), world=world)) == set()


def test_a_supplied_passage_may_be_repeated_in_other_words_where_policy_allows_it() -> None:
    from tests.filters.test_answer_guard import answer, guard_of

    edited = f"Certainly. {filled(shuffled(PASSAGE), 2)} That is all."
    assert answer(guard_of(user(PASSAGE), ALLOWING, WORLD), edited) == edited
    withheld = answer(guard_of(user("Who kept herons?"), ALLOWING, WORLD), edited)
    assert "[NOTICE]" in withheld
    assert "constellations" not in withheld


def test_pieces_in_separate_requests_add_up_in_a_session() -> None:
    remembered: list[Piece] = []
    said = pieces(PASSAGE, Random(5), 8, 9)
    found = []
    for piece in said:
        scanner = PromptScanner(WORLD.snapshot(), REFUSING, "demo", NOW, remembered=remembered)
        report = scanner.scan(user(f"{piece}. {TALK[0]}"))
        found.append(entries(report))
        remembered += report.pieces
    assert found[0] == set()
    assert {"first"} in found[:-1]
    assert all(0 < piece.owner < 1 << 63 and 0 <= piece.piece < 1 << 63 for piece in remembered)


def test_a_session_remembers_nothing_of_other_text() -> None:
    assert scan(user(NEIGHBOUR, *TALK)).pieces == ()


LAST = (
    "The lanterns along the quarantine pier were trimmed by an apprentice whose grandmother had embroidered "
    "signal flags for three admirals, and every equinox the apprentice recited their forgotten manoeuvres to "
    "the cormorants, who answered from the scaffolding with a patience that no lieutenant had ever shown."
)
LONG = World(passages=((0, f"{PASSAGE} {OTHER} {LAST}"),), share=0.5)


def session(said: Sequence[str], remembered: Sequence[Piece] = ()) -> tuple[list[bool], list[Piece]]:
    """Which requests of it are refused, and what is remembered then."""
    refused, known = [], list(remembered)
    for text in said:
        report = PromptScanner(LONG.snapshot(), REFUSING, "demo", NOW, remembered=known).scan(user(text))
        refused.append(bool(report.findings))
        known += report.marks if report.findings else report.pieces
    return refused, known


def in_order(text: str, size: int = 6) -> list[str]:
    said = text.split()
    return [" ".join(said[at : at + size]) for at in range(0, len(said), size)]


def marks(pieces: Sequence[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.piece == MARK]


def test_who_told_one_portion_goes_on_to_the_next_with_less() -> None:
    refused, remembered = session(in_order(f"{PASSAGE} {OTHER}"))
    assert True in refused
    unmarked = [piece for piece in remembered if piece.piece != MARK]
    assert sum(session(in_order(LAST), remembered)[0]) > sum(session(in_order(LAST), unmarked)[0])


def test_a_mark_is_made_once_and_so_ends_with_its_time() -> None:
    """Whatever else the session says of the passage: what was marked by chance is not marked for ever."""
    _, remembered = session([*in_order(f"{PASSAGE} {OTHER} {LAST}")] * 2)
    assert len(marks(remembered)) == len(set(marks(remembered))) > 1


def test_a_passage_said_at_once_and_pieces_that_went_on_mark_nothing() -> None:
    _, remembered = session([f"{PASSAGE} {OTHER} {LAST}", *in_order(PASSAGE)[:2]])
    assert marks(remembered) == []


def test_beside_a_portion_told_in_full_harmless_talk_and_short_quotes_pass() -> None:
    _, remembered = session(in_order(f"{PASSAGE} {OTHER}"))
    assert marks(remembered)
    quotes = in_order(LAST, 4)
    for text in (*TALK, NEIGHBOUR, *quotes):
        assert session([text], remembered)[0] == [False]


def test_only_what_stands_near_is_marked() -> None:
    book = World(
        passages=((0, " ".join(f"{word}{n}" for n in range(60) for word in LAST.split())),), share=0.5
    )
    words = [f"{word}0" for word in LAST.split()]
    scanned, known = [], list[Piece]()
    for at in range(0, len(words), 6):
        report = PromptScanner(book.snapshot(), REFUSING, "demo", NOW, remembered=known).scan(
            user(" ".join(words[at : at + 6]))
        )
        scanned.append(report)
        known += report.pieces
    assert book.snapshot().pairs.portions > 3 * AROUND
    assert 1 < len(set(marks(known))) <= 2 * AROUND + 1
