"""Weak strings of one entry add up, whatever its subject is called, and common ones do not."""

from datetime import UTC, datetime

import pytest

from filters.mosaic import Chance, identifies
from filters.pieces import Piece
from filters.prompt import PromptReport, PromptScanner, Segment
from policy.action import Action
from policy.finding import Detector
from policy.surface import Role
from tests.filters.test_prompt import ALLOWING, NOW, REDACTING, REFUSING, conversation, texts, user
from tests.filters.world import Said, World

TOWN = Said(0, Detector.SECRET, "Tolvik", bits=27)
YEAR = Said(0, Detector.SECRET, "in 1931", bits=13)
TRADE = Said(0, Detector.SECRET, "cooper", bits=15)
WORLD = World(phrases=(TOWN, YEAR, TRADE, Said(1, Detector.SECRET, "Tolvik", bits=27)))
RENAMED = "Person Q was born in Tolvik in 1931, son of a cooper; where was Q born?"


def scan(segments: list[Segment], world: World = WORLD, remembered: tuple[Piece, ...] = ()) -> PromptReport:
    scanner = PromptScanner(world.snapshot(), REFUSING, "demo", NOW, remembered=remembered)
    return scanner.scan(segments)


def test_a_renamed_subject_is_known_by_its_facts() -> None:
    report = scan(user(RENAMED))
    assert texts(report) == [(0, "secret", "Tolvik"), (0, "secret", "cooper"), (0, "secret", "in 1931")]
    assert (report.action, report.active) == (Action.REFUSE, frozenset({0}))


@pytest.mark.parametrize(
    "text",
    ["Q was born in Tolvik.", "A cooper, born in 1931.", "A cooper of Tolvik.", "Tolvik Tolvik Tolvik"],
)
def test_too_few_facts_are_none(text: str) -> None:
    assert scan(user(text)).findings == ()


@pytest.mark.parametrize("role", Role)
def test_facts_add_up_over_messages_of_all_roles(role: Role) -> None:
    other = "What a day it was. " * 20
    said = [(role, "Q is from Tolvik."), (Role.USER, other), (Role.USER, "Q's father was a cooper.")]
    said += [(Role.ASSISTANT, other), (Role.USER, "Q was born in 1931. Where?")]
    assert scan(conversation(*said)).action is Action.REFUSE
    assert scan(conversation(*said[1:])).action is Action.ALLOW


def test_what_neighbours_share_adds_up_to_nothing() -> None:
    shared = World(
        phrases=tuple(Said(0, Detector.SECRET, each.text, each.bits, apart=16) for each in WORLD.phrases[:3])
    )
    assert scan(user(RENAMED), shared).findings == ()


def test_one_fact_in_two_wordings_is_one() -> None:
    tolviker = [Said(0, Detector.SECRET, text, 27, fact=7) for text in ("Tolviker", "Tolvik folk")]
    assert scan(user("a Tolviker of Tolvik folk, a cooper"), World(phrases=(*tolviker, TRADE))).findings == ()
    assert scan(user(RENAMED), World(phrases=(*tolviker, TOWN, TRADE, YEAR))).findings != ()


def test_strings_that_share_a_word_are_one_fact() -> None:
    """All of them may be one thing said once, such as a title."""
    texts_of_one = ("Salt Ledger", "Ledger of Tolvik", "Tolvik Days")
    world = World(phrases=tuple(Said(0, Detector.SECRET, text, 27) for text in texts_of_one))
    assert scan(user("The Salt Ledger of Tolvik Days"), world).findings == ()
    assert len(scan(user("Salt Ledger, Ledger of Tolvik, Tolvik Days"), world).findings) == 3


FACTS = [Piece(1, 1, 13, 36), Piece(1, 2, 15, 36), Piece(1, 3, 20, 36)]


def test_in_a_long_text_the_same_facts_are_chance() -> None:
    assert identifies(FACTS, (), Chance(entries=1, facts=8, words=30))
    assert not identifies(FACTS, (), Chance(entries=1, facts=8, words=30_000))


def test_of_many_entries_and_of_many_facts_more_is_asked() -> None:
    assert not identifies(FACTS, (), Chance(entries=1000, facts=8, words=30))
    assert not identifies(FACTS, (), Chance(entries=1, facts=1000, words=30))


def test_what_earlier_requests_said_counts_and_needs_something_now() -> None:
    before = scan(user("Q is from Tolvik.")).pieces + scan(user("Q's father was a cooper.")).pieces
    now = scan(user("Q was born in 1931. Where?"), remembered=before)
    assert texts(now) == [(0, "secret", "in 1931")]
    assert scan(user("Where was Q born?"), remembered=before).findings == ()


def test_a_name_and_an_entry_that_is_active_leave_no_piece() -> None:
    """What was refused or allowed as a whole is no evidence against what comes later."""
    assert scan(user(RENAMED)).pieces[0].owner != WORLD.snapshot().number(0)
    assert [piece.owner for piece in scan(user(RENAMED)).pieces] == [WORLD.snapshot().number(1)]
    world = World(phrases=(TOWN, Said(0, Detector.NAME, "Alden Crane")))
    assert scan(user("Alden Crane was born in Tolvik"), world).pieces == ()
    assert scan(user("Alden Crane"), world).pieces == ()


def test_pieces_hold_numbers_alone() -> None:
    (piece, _) = scan(user("Q is from Tolvik.")).pieces
    assert all(type(part) is int for part in piece)


def test_redaction_cuts_the_facts_of_a_renamed_subject() -> None:
    scanner = PromptScanner(WORLD.snapshot(), REDACTING, "demo", datetime(2026, 11, 22, tzinfo=UTC))
    ((_, text),) = scanner.scan(user(RENAMED)).redacted()
    assert text == "Person Q was born in [removed] [removed], son of a [removed]; where was Q born?"


def test_under_allow_they_are_supplied() -> None:
    report = PromptScanner(WORLD.snapshot(), ALLOWING, "demo", NOW).scan(user(RENAMED))
    assert report.action is Action.ALLOW
    assert {report.in_context(found.finding.key) for found in report.findings} == {frozenset({Role.USER})}
