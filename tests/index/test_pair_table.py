"""Pairs of telling words: found in either order, one by one as in bulk, and readable by nobody."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.bits import word_bits
from index.build import build
from index.pair_builder import COMMON, EIGHTHS, LEAST, MOST_SHARING, PORTION, RAREST, TELLING, PairBuilder
from index.pair_search import FARTHEST, REACH, meet
from index.pair_table import Mix, PairTable
from index.rolling import MASK, WordHash
from index.snapshot import Snapshot
from index.whole_text import WholeText
from policy.entry import Entry, Retain
from policy.policy import Coverage, Policy

KEY = bytes(range(32))
HASH = WordHash(KEY)
PASSAGE = "The lamplighter kept seven herons beside a crooked granite mill, and nobody asked why."
OTHER = "A crooked granite mill stood where the ferryman sold lanterns to pilgrims every autumn."
# Nobody has ever written these words; each of them tells as much as a word can.
RARE = ["zorbap", "quimel", "vastok", "brindul", "kelthar", "mundog", "plixen", "drovak"]
TEXTS = st.lists(st.sampled_from([*RARE, "the", "of"]), max_size=40)


def words(text: str) -> list[str]:
    return WholeText.of(text).words


def table_of(*passages: str, retain: tuple[str, ...] = (), share: float = 0.5) -> PairTable:
    builder = PairBuilder(KEY, share)
    for entry, text in enumerate(passages):
        builder.add(words(text), entry)
    return builder.build(words(text) for text in retain)


def pairs_in(table: PairTable, text: str) -> set[frozenset[str]]:
    said = words(text)
    return {frozenset((said[met.first], said[met.second])) for met in meet(table, HASH.many(said)).pairs()}


def test_words_pair_with_the_next_two_that_tell_in_either_order() -> None:
    table = table_of(PASSAGE)
    for text in (
        "granite mill",
        "mill granite",
        "a mill of the granite",
        "mill, they say, was all of granite",
    ):
        assert pairs_in(table, text) == {frozenset(("granite", "mill"))}
    assert pairs_in(table, "lamplighter mill") == set()
    assert pairs_in(table, "the lamplighter") == set()


def test_fillers_hide_no_pair_and_what_stands_far_apart_is_none() -> None:
    table = table_of(PASSAGE)
    assert pairs_in(table, "granite well er banana so mill")
    assert pairs_in(table, f"granite {'er ' * (FARTHEST - 1)}mill")
    assert not pairs_in(table, f"granite {'er ' * FARTHEST}mill")


def test_what_stands_in_a_text_that_must_keep_working_is_left_out() -> None:
    table = table_of(PASSAGE, retain=(OTHER,))
    assert pairs_in(table, OTHER) == set()
    assert pairs_in(table, "seven herons") == {frozenset(("seven", "herons"))}


def test_what_two_portions_hold_tells_each_of_them_half() -> None:
    alone, shared = table_of(PASSAGE), table_of(PASSAGE, OTHER)
    digest = (HASH("granite") + HASH("mill")) & MASK
    (one,), (first, second) = alone.pairs(digest), shared.pairs(digest)
    assert (first.portion, second.portion) == (0, 1)
    assert first[1:] == second[1:]
    assert first.lower == pytest.approx(one.lower / 2, abs=1)
    assert first.weight == one.weight / 2


def test_the_same_passage_listed_twice_tells_as_much_as_once() -> None:
    once, twice = table_of(PASSAGE), table_of(PASSAGE, PASSAGE)
    assert twice.portion(0)[1:] == twice.portion(1)[1:] == once.portion(0)[1:]
    assert (twice.portion(0).entry, twice.portion(1).entry) == (0, 1)


def test_a_phrase_of_very_many_portions_is_left_out() -> None:
    passages = [
        f"granite mill {word_of(number)} {word_of(number + 999)}" for number in range(MOST_SHARING + 1)
    ]
    assert pairs_in(table_of(*passages), "granite mill") == set()
    assert pairs_in(table_of(*passages[1:]), "granite mill") != set()


def word_of(number: int) -> str:
    return "z" + "".join("bcdfghjklm"[int(digit)] for digit in str(number)) + "ov"


def test_a_long_passage_is_divided_and_a_share_of_each_portion_is_needed() -> None:
    long = " ".join(map(word_of, range(10 * PORTION)))
    table = table_of(long, share=0.25)
    most = (RAREST - COMMON) * EIGHTHS
    portions = [table.portion(number) for number in range(10)]
    assert all(portion.needed == pytest.approx(0.25 * PORTION * most, rel=0.15) for portion in portions)
    assert len({portion.key for portion in portions}) == 10
    assert table_of(" ".join(RARE[:4]), share=0.1).portion(0).needed == LEAST


def test_common_words_tell_nothing() -> None:
    assert word_bits("the") < TELLING < word_bits("granite")
    assert len(table_of("and that was for all of the and it is in")) == 0


def test_no_passages_make_an_empty_table() -> None:
    for table in (table_of(), PairTable.empty()):
        assert len(table) == 0
        assert not meet(table, HASH.many(words(PASSAGE))).pairs()


def brute(table: PairTable, said: list[str]) -> list[tuple[int, int, int, int]]:
    telling = [place for place, word in enumerate(said) if table.words.may_hold(HASH(word))]
    found = []
    for at, second in enumerate(telling):
        for first in telling[max(0, at - REACH) : at]:
            if second - first <= FARTHEST and said[first] != said[second]:
                pairs = table.pairs((HASH(said[first]) + HASH(said[second])) & MASK)
                found += [(second, first, pair.portion, pair.weight) for pair in pairs]
    return sorted(found)


@settings(max_examples=150)
@given(st.lists(TEXTS.map(" ".join), min_size=1, max_size=3), TEXTS)
def test_a_whole_text_holds_the_pairs_that_brute_force_finds(passages: list[str], said: list[str]) -> None:
    table = table_of(*passages)
    met = meet(table, HASH.many(said)).pairs()
    assert sorted((each.second, each.first, each.portion, each.weight) for each in met) == brute(table, said)
    assert [(each.second, each.first) for each in met] == sorted((each.second, each.first) for each in met)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=20))
def test_many_digests_are_mixed_as_one_is(digests: list[int]) -> None:
    mix = Mix(KEY)
    many = mix.many(np.array(digests, dtype=np.uint64)).tolist()
    assert many == [mix.one(digest) for digest in digests]
    other = Mix(bytes(32))
    assert all(other.one(digest) != mix.one(digest) for digest in digests if digest)


def test_a_snapshot_keeps_the_pairs_and_little_more_than_the_windows_take(tmp_path: Path) -> None:
    passages = tuple(" ".join(map(word_of, range(first, first + 300))) for first in range(0, 3000, 300))
    policy = Policy((Entry("e", passages=passages, retain=(Retain(PASSAGE, "r"),)),), "", semantic=None)
    build(policy, tmp_path, KEY)
    snapshot = Snapshot.load(tmp_path, KEY)
    table = table_of(*passages)
    assert len(snapshot.pairs) == len(table) > 5000
    assert [snapshot.pairs.portion(number)[1:] for number in range(9)] == [
        table.portion(number)[1:] for number in range(9)
    ]
    exact = sum(path.stat().st_size for path in snapshot.folder.glob("passages.*"))
    assert sum(path.stat().st_size for path in snapshot.folder.glob("pairs.*")) < exact


def test_a_policy_without_coverage_keeps_none(tmp_path: Path) -> None:
    entry = Entry("e", passages=(PASSAGE,))
    for coverage, least in ((Coverage(), 1), (None, 0)):
        build(Policy((entry,), "", semantic=None, coverage=coverage), tmp_path, KEY)
        assert min(1, len(Snapshot.load(tmp_path, KEY).pairs)) == least


def test_keys_are_the_same_in_every_generation_and_others_under_another_key() -> None:
    assert table_of(OTHER, PASSAGE).portion(1).key == table_of(PASSAGE).portion(0).key
    builder = PairBuilder(bytes(32), 0.5)
    builder.add(words(PASSAGE), 0)
    assert builder.build().portion(0).key != table_of(PASSAGE).portion(0).key
