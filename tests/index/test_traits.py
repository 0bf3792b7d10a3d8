"""A word that begins a phrase, tells of a passage or is a name's is known as that; nearly no other is."""

from dataclasses import replace
from unittest import mock

import pytest

from index import traits
from index.loose_build import build_loose
from index.pair_builder import PairBuilder
from index.phrases import PlainPhrase, phrase_tables
from index.rolling import WordHash
from index.traits import BEGINS, NAMES, TELLS, Traits
from index.units import units
from policy.finding import Detector

PASSAGE = "The zephyr quartermaster smuggled lanterns beneath the orchard while nobody counted barrels."
KEY = bytes(range(32))
NAME = PlainPhrase("Bela Vosskamp", Detector.NAME, 40.0, cased=False, derived=False)
HASH = WordHash(KEY)


def made() -> Traits:
    phrases, _ = phrase_tables([replace(NAME, text="velvet harbour", detector=Detector.SECRET)], KEY)
    words = [unit.text for unit in units(PASSAGE)]
    builder = PairBuilder(KEY, 0.6)
    builder.add(words, 0)
    return Traits(phrases, build_loose([NAME], (), KEY).words, builder.build(), HASH)


@pytest.fixture(scope="module")
def known() -> Traits:
    return made()


def test_a_word_is_known_by_what_it_may_do(known: Traits) -> None:
    assert known["velvet"] == BEGINS
    assert known["quartermaster"] == TELLS
    assert known["bela"] == known["vosskamp"] == NAMES
    assert known["harbour"] == known["the"] == known[""] == 0


def test_a_misspelled_word_of_a_name_is_one(known: Traits) -> None:
    assert known["vosskmap"] == NAMES


def test_together_is_what_any_of_them_may_do(known: Traits) -> None:
    assert known.together(["the", "velvet", "quartermaster", "the"]) == BEGINS | TELLS
    assert known.together([]) == 0


def test_nearly_no_other_word_matters(known: Traits) -> None:
    words = [f"word{number}" for number in range(2000)]
    assert sum(known[word] != 0 for word in words) < 40


def test_what_is_remembered_is_bounded(known: Traits) -> None:
    few = made()
    with mock.patch.object(traits, "MOST_KNOWN", 8):
        for number in range(100):
            assert few[f"word{number}"] == known[f"word{number}"]
            assert len(few) <= 8
