"""The table and the follower agree with brute force: nothing missed, nothing invented."""

from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import table_search
from index.follower import Follower
from index.pattern_table import PatternTable
from index.rolling import MASK, WordHash, digests
from index.shelf import folder_shelf
from index.table_builder import TableBuilder
from index.table_search import Found, breaks_off, find

KEY = bytes(range(32))
HASH = WordHash(KEY)
WORD = st.sampled_from("abc")
PATTERNS = st.lists(
    st.tuples(st.lists(WORD, min_size=1, max_size=9), st.integers(1, 5), st.integers(0, 3)), max_size=6
)
TEXT = st.lists(WORD | st.just(""), max_size=40)

Pattern = tuple[tuple[str, ...], int]


def digest_of(words: Sequence[str]) -> int:
    """The polynomial of their hashes, by Horner."""
    digest = 0
    for word in words:
        digest = (digest * HASH.base + HASH(word)) & MASK
    return digest


def windows(sequences: list[tuple[list[str], int, int]]) -> set[Pattern]:
    found = set()
    for words, wanted, owner in sequences:
        size = min(wanted, len(words))
        found |= {(tuple(words[i : i + size]), owner) for i in range(len(words) - size + 1)}
    return found


def builder_of(
    sequences: list[tuple[list[str], int, int]], reveal: int = 0, *, near: bool = False
) -> TableBuilder:
    builder = TableBuilder(KEY, reveal, near=near)
    for words, wanted, owner in sequences:
        builder.add(HASH.many(words), min(wanted, len(words)), owner)
    return builder


def table_of(
    sequences: list[tuple[list[str], int, int]], reveal: int = 0, *, near: bool = False
) -> PatternTable:
    return builder_of(sequences, reveal, near=near).build()


def brute_find(patterns: set[Pattern], text: list[str]) -> list[tuple[int, int, int]]:
    places = range(len(text))
    return sorted(
        (start, len(words), owner)
        for words, owner in patterns
        for start in places
        if tuple(text[start : start + len(words)]) == words
    )


def brute_length(patterns: set[Pattern], text: list[str], reveal: int) -> int:
    """The longest suffix that is a proper prefix of a pattern; up to `reveal` units count as such."""
    longest = max((len(words) for words, _ in patterns), default=0)
    for size in range(min(len(text), longest - 1), 0, -1):
        suffix = tuple(text[-size:])
        if size <= reveal or any(len(words) > size and words[:size] == suffix for words, _ in patterns):
            return size
    return 0


@given(PATTERNS, TEXT)
def test_find_is_what_brute_force_finds(sequences: list[tuple[list[str], int, int]], text: list[str]) -> None:
    found = find(table_of(sequences), HASH.many(text))
    assert [(hit.start, hit.length, hit.owner) for hit in found] == brute_find(windows(sequences), text)


@given(PATTERNS, TEXT, st.integers(0, 3))
def test_the_follower_finds_the_same_in_a_stream(
    sequences: list[tuple[list[str], int, int]], text: list[str], reveal: int
) -> None:
    table = table_of(sequences, reveal)
    follower, found = Follower(table), []
    for place, word in enumerate(text):
        for hit in follower.push(HASH(word)):
            found += [Found(place + 1 - hit.length, hit.length, owner, hit.digest) for owner in hit.owners]
    assert sorted(found) == find(table, HASH.many(text))


@given(PATTERNS, TEXT, st.integers(0, 3))
def test_the_follower_holds_what_may_become_a_pattern(
    sequences: list[tuple[list[str], int, int]], text: list[str], reveal: int
) -> None:
    follower, patterns = Follower(table_of(sequences, reveal)), windows(sequences)
    seen: list[str] = []
    for word in text:
        follower.push(HASH(word))
        seen.append(word)
        # A false positive of a filter may hold more; with these few keys it is rare, and never less.
        assert follower.length >= brute_length(patterns, seen, reveal)


def test_the_follower_holds_no_more_than_it_must() -> None:
    words = [f"w{n}" for n in range(200)]
    sequences = [(words, 5, 0)]
    follower, patterns = Follower(table_of(sequences, 1)), windows(sequences)
    text = [words[(n * n + n // 3) % 200] for n in range(600)] + words[:50] + ["x", *words[10:14], "y"]
    wrong = 0
    for place, word in enumerate(text):
        follower.push(HASH(word))
        wrong += follower.length != brute_length(patterns, text[max(0, place - 9) : place + 1], 1)
    assert wrong <= len(text) // 50


LONGER = st.lists(
    st.tuples(st.lists(WORD, min_size=4, max_size=12), st.integers(4, 9), st.integers(0, 3)), max_size=4
)


def brute_near(patterns: set[Pattern], text: list[str]) -> set[tuple[int, int, int]]:
    """Where the first units of a window stand that come near it: all but two, at least four."""
    return {
        (start, near, owner)
        for words, owner in patterns
        if (near := max(4, len(words) - 2)) < len(words)
        for start in range(len(text))
        if tuple(text[start : start + near]) == words[:near]
    }


def goes_on(patterns: set[Pattern], begun: tuple[str, ...]) -> bool:
    return any(len(words) > len(begun) and words[: len(begun)] == begun for words, _ in patterns)


@given(LONGER, TEXT.map(lambda text: 3 * text), st.integers(0, 6))
def test_what_comes_near_is_what_brute_force_finds(
    sequences: list[tuple[list[str], int, int]], text: list[str], reveal: int
) -> None:
    patterns = windows(sequences)
    near = brute_near(patterns, text)
    found = [hit for hit in find(table_of(sequences, reveal, near=True), HASH.many(text)) if hit.near]
    assert {(hit.start, hit.length, hit.owner) for hit in found} >= near
    for hit in found:
        if (hit.start, hit.length, hit.owner) not in near:
            assert (hit.start, hit.length - 1, hit.owner) in near
    told = {(hit.start, hit.length) for hit in found}
    for start, length, _ in near:
        longer = text[start : start + length + 1]
        if len(longer) > length and goes_on(patterns, tuple(longer)):
            assert (start, length + 1) in told


@given(LONGER, TEXT.map(lambda text: 3 * text), st.integers(0, 6))
def test_the_follower_finds_what_comes_near_in_a_stream(
    sequences: list[tuple[list[str], int, int]], text: list[str], reveal: int
) -> None:
    table = table_of(sequences, reveal, near=True)
    follower, found = Follower(table), []
    for place, word in enumerate(text):
        for hit in follower.push(HASH(word)):
            begun = place + 1 - hit.length
            found += [Found(begun, hit.length, owner, hit.digest, hit.near) for owner in hit.owners]
    assert sorted(found) == find(table, HASH.many(text))


@given(LONGER, TEXT, st.integers(0, 3))
def test_much_and_little_are_followed_alike(
    sequences: list[tuple[list[str], int, int]], text: list[str], reveal: int
) -> None:
    table, found = table_of(sequences, reveal, near=True), []
    for few, little in ((0, 0), (len(text), 0), (0, len(text))):
        with mock.patch.multiple(table_search, FEW=few, LITTLE=little):
            found.append(find(table, HASH.many(text)))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("count", [1, 20, 200])
def test_what_comes_near_or_is_whole_at_the_very_end_is_found(count: int) -> None:
    table = table_of([(list("abcdefgh"), 8, 0)], 2, near=True)
    near = find(table, HASH.many("abcdefx" * (count - 1) + "abcdef"))
    assert [(hit.start, hit.length) for hit in near] == [(7 * place, 6) for place in range(count)]
    whole = find(table, HASH.many("abcdefghx" * (count - 1) + "abcdefgh"))
    assert [hit.start for hit in whole if not hit.near] == [9 * place for place in range(count)]


def test_what_also_stands_in_an_innocent_text_comes_near_nothing() -> None:
    words, innocent = HASH.many("abcdefgh"), HASH.many("abcdefxy")
    for known, expected in (({}, [(0, 6)]), ({6: np.sort(digests(innocent, 6, HASH.base))}, [])):
        builder = TableBuilder(KEY, 2, near=True)
        assert builder.add(words, 8, 0, known) == 1
        found = find(builder.build(), innocent)
        assert [(hit.start, hit.length) for hit in found if hit.near] == expected


def test_a_table_tells_what_comes_near_only_where_that_is_wanted() -> None:
    text = HASH.many("abcdefg")
    assert find(table_of([(list("abcdefgh"), 8, 0)]), text) == []
    telling = table_of([(list("abcdefgh"), 8, 0)], near=True)
    assert [hit.length for hit in find(telling, text)] == [6, 7]


@given(PATTERNS, TEXT, st.integers(0, 3))
def test_can_grow_and_owners_are_the_same_law(
    sequences: list[tuple[list[str], int, int]], text: list[str], reveal: int
) -> None:
    table, patterns = table_of(sequences, reveal), windows(sequences)
    for end in range(1, len(text) + 1):
        for size in range(1, min(end, table.longest) + 1):
            last = tuple(text[end - size : end])
            digest = digest_of(last)
            assert sorted(table.owners(size, digest)) == sorted(o for words, o in patterns if words == last)
            if any(len(words) > size and words[:size] == last for words, _ in patterns):
                assert table.can_grow(size, digest)


@given(PATTERNS, TEXT, st.integers(0, 2), st.integers(1, 4))
def test_a_text_breaks_off_in_what_may_become_a_pattern(
    sequences: list[tuple[list[str], int, int]], text: list[str], reveal: int, least: int
) -> None:
    patterns, least = windows(sequences), least + reveal
    begun = brute_length(patterns, text, 0)
    assert breaks_off(table_of(sequences, reveal), HASH.many(text), least) == (begun >= least)


def test_a_filter_that_is_mistaken_breaks_no_text_off() -> None:
    chance = np.random.default_rng(4)
    table = table_of([([f"w{chance.integers(1 << 40)}" for _ in range(200)], 8, 0)], reveal=2)
    texts = (chance.integers(0, 1 << 64, size=8, dtype=np.uint64) for _ in range(3000))
    assert not any(breaks_off(table, text, 4) for text in texts)


@given(PATTERNS, TEXT)
def test_a_saved_table_is_the_same(sequences: list[tuple[list[str], int, int]], text: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        builder = builder_of(sequences, 2)
        table = builder.build()
        with folder_shelf(Path(folder)) as shelf:
            builder.lay("words", shelf)
        again = PatternTable.load(Path(folder), "words", KEY)
        assert find(again, HASH.many(text)) == find(table, HASH.many(text))
        assert (again.reveal, again.lengths, again.longest, len(again)) == (
            2,
            table.lengths,
            table.longest,
            len(table),
        )


@given(st.lists(WORD, max_size=30), st.integers(1, 9))
def test_digests_in_bulk_are_those_of_each_sequence(text: list[str], length: int) -> None:
    found = [digest_of(text[at : at + length]) for at in range(len(text) - length + 1)]
    assert digests(HASH.many(text), length, HASH.base).tolist() == found


def test_another_key_finds_nothing() -> None:
    other = WordHash(b"another key, as long as it must be")
    table = table_of([(list("abcabc"), 3, 0)])
    assert find(table, HASH.many("abc"))
    assert not find(table, other.many("abc"))


def test_stored_hashes_of_neighbours_look_unrelated() -> None:
    """No array holds the rolling digests, from which those of neighbours could be told."""
    words = HASH.many([f"w{n}" for n in range(500)])
    builder = TableBuilder(KEY, 0)
    builder.add(words, 8, 0)
    table = builder.build()
    stored = set(table.levels[0].hashes.tolist())
    assert len(stored) == 493
    assert not stored & set(digests(words, 8, HASH.base).tolist())


def test_filters_are_rarely_wrong() -> None:
    from index import bloom

    chance = np.random.default_rng(5)
    keys, others = (chance.integers(0, 1 << 64, size=n, dtype=np.uint64) for n in (100_000, 200_000))
    words = bloom.fill(keys)
    assert bloom.may_hold(bloom.of(words), keys).all()
    assert bloom.may_hold(bloom.of(words), others).mean() < 0.01
    one = bloom.of(words)
    assert [one.may_hold(d) for d in others[:2000].tolist()] == bloom.may_hold(one, others[:2000]).tolist()
