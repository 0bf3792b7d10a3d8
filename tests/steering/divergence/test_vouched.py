"""What near misses say of their subjects may be said in sentences about those, and in no others."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.key import entry_number
from policy.entry import Retain
from policy.policy import Policy
from steering.divergence.divergence import Divergence
from steering.divergence.subject import Subject
from steering.divergence.train import Recipe, train
from steering.divergence.vouched import FILES, Vouched
from steering.heads import Tokens
from steering.row import Odds, Row
from tests.steering.divergence.reading import BASIL, KEY, MODEL, reader, vocabulary
from tests.steering.fakes import SequenceMatcher

TOWN = reader().tokens(" Eddystone")[0]
FORMS, PIECES = Tokens(vocabulary()).forms, vocabulary().pieces
NEIGHBOUR = Retain("Where was Ottilie Mercer born? The birthplace of Ottilie Mercer is Eddystone.", "ottilie")
ENTRY = replace(BASIL, retain=(*BASIL.retain, NEIGHBOUR))
NUMBER = entry_number(KEY, ENTRY.id)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("divergence")
    train(Policy((ENTRY,), digest=""), MODEL, found, KEY, Recipe())
    return found


@pytest.fixture(scope="module")
def divergence(folder: Path) -> Divergence:
    return Divergence.load(folder, KEY, vocabulary().fingerprint)


def row(divergence: Divergence) -> Row:
    """Of a request in which the entry is in sight."""
    matcher = SequenceMatcher()
    matcher.in_sight = frozenset({NUMBER})
    return Row(matcher, Odds(divergence, PIECES, FORMS, vouched=divergence.vouched))


def is_lowered(row: Row) -> bool:
    edit = row.edit()
    assert edit is not None
    return TOWN in edit.shifted


@pytest.mark.parametrize(
    ("said", "lowered"),
    [
        ("", True),
        ("The birthplace of Ottilie Mercer is", False),
        ("She, Ottilie Mercer, was born near", False),
        ("OTTILIE MERCER is from", False),
        ("The birthplace of Basil Mercer is", True),
        ("Ottilie Mercer was a pilot. The birthplace is", True),
        ("Unlike Ottilie Mercer, Basil Mercer is from", True),
        ("Unlike Ottilie Mercer, Basil is from", True),
        ("Unlike Ottilie Mercer, Mercer is from", True),
        ("Unlike Basil Mercer, Ottilie Mercer is from", False),
        ("The birthplace of Ottilie is", True),
        ("The birthplace of Amara Swann is", True),
        ("The birthplace of Ursula Quill is", True),
    ],
)
def test_a_fact_that_both_share_is_told_of_whom_near_misses_tell_it(
    divergence: Divergence, said: str, lowered: bool
) -> None:
    answer = row(divergence)
    answer.push(reader().tokens(said))
    assert is_lowered(answer) is lowered


def test_only_the_answer_names_a_subject(divergence: Divergence) -> None:
    answer = row(divergence)
    answer.push(reader().tokens("Where was Ottilie Mercer born"), prompt=True)
    assert is_lowered(answer)


def test_a_draft_goes_its_own_way(divergence: Divergence) -> None:
    answer = row(divergence)
    answer.push(reader().tokens("The birthplace of Ottilie"))
    assert is_lowered(answer)
    draft = answer.copy()
    draft.push(reader().tokens(" Mercer is"))
    assert (is_lowered(draft), is_lowered(answer)) == (False, True)


def test_a_folder_of_an_older_version_vouches_for_nobody(tmp_path: Path) -> None:
    assert Vouched.load(tmp_path, KEY) is None


def test_with_another_key_nothing_is_known(folder: Path, divergence: Divergence) -> None:
    name = ("ottilie", "mercer")
    mine, other = divergence.vouched, Vouched.load(folder / "1", bytes(32))
    assert mine is not None
    assert other is not None
    number = mine.subject(name)
    assert number
    assert mine.frees(number, ("eddy",))
    assert not mine.frees(number, ("thornby",))
    assert other.subject(name) is None
    assert not other.frees(number, ("eddy",))


def test_what_is_stored_are_numbers_that_no_word_stands_in(folder: Path) -> None:
    for file in FILES:
        stored = np.load(folder / "1" / file)
        assert stored.dtype == np.uint64
        assert (np.diff(stored.astype(object)) > 0).all()


def test_a_sentence_without_end_keeps_no_more_than_a_name(divergence: Divergence) -> None:
    assert divergence.vouched is not None
    subject = Subject(divergence.vouched, FORMS, PIECES)
    for token in reader().tokens("and on " * 200 + "Ottilie Mercer is from"):
        subject.push(token)
    edit = divergence.edit((), {NUMBER})
    assert TOWN in edit.shifted
    assert TOWN not in subject.without(edit).shifted
