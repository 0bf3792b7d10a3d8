"""The table and the follower agree with brute force: nothing missed, nothing invented."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.follower import Follower
from index.pattern_table import Found, PatternTable, TableBuilder
from index.rolling import WordHash, digests

KEY = bytes(range(32))
HASH = WordHash(KEY)
WORD = st.sampled_from("abc")
PATTERNS = st.lists(
    st.tuples(st.lists(WORD, min_size=1, max_size=9), st.integers(1, 5), st.integers(0, 3)), max_size=6
)
TEXT = st.lists(WORD | st.just(""), max_size=40)

Pattern = tuple[tuple[str, ...], int]


def windows(sequences: list[tuple[list[str], int, int]]) -> set[Pattern]:
    found = set()
    for words, wanted, owner in sequences:
        size = min(wanted, len(words))
        found |= {(tuple(words[i : i + size]), owner) for i in range(len(words) - size + 1)}
    return found


def table_of(sequences: list[tuple[list[str], int, int]], reveal: int = 0) -> PatternTable:
    builder = TableBuilder(KEY, reveal)
    for words, wanted, owner in sequences:
        builder.add(HASH.many(words), min(wanted, len(words)), owner)
    return builder.build()


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
    found = table_of(sequences).find(HASH.many(text))
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
    assert sorted(found) == table.find(HASH.many(text))


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


@given(PATTERNS, TEXT, st.integers(0, 3))
def test_can_grow_and_owners_are_the_same_law(
    sequences: list[tuple[list[str], int, int]], text: list[str], reveal: int
) -> None:
    table, patterns = table_of(sequences, reveal), windows(sequences)
    roller = table.roller()
    for place, word in enumerate(text):
        roller.push(HASH(word))
        for size in range(1, roller.size + 1):
            last = tuple(text[place + 1 - size : place + 1])
            digest = roller.digest(size)
            assert sorted(table.owners(size, digest)) == sorted(o for words, o in patterns if words == last)
            if any(len(words) > size and words[:size] == last for words, _ in patterns):
                assert table.can_grow(size, digest)


@given(PATTERNS, TEXT)
def test_a_saved_table_is_the_same(sequences: list[tuple[list[str], int, int]], text: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        table = table_of(sequences, 2)
        table.save(Path(folder), "words")
        again = PatternTable.load(Path(folder), "words", KEY)
        assert again.find(HASH.many(text)) == table.find(HASH.many(text))
        assert (again.reveal, again.lengths, again.longest, len(again)) == (
            2,
            table.lengths,
            table.longest,
            len(table),
        )


@given(st.lists(WORD, max_size=30), st.integers(1, 9))
def test_rolling_and_bulk_digests_are_equal(text: list[str], length: int) -> None:
    from index.rolling import Roller

    roller, found = Roller(HASH.base, 9), []
    for place, word in enumerate(text, 1):
        roller.push(HASH(word))
        if place >= length:
            found.append(roller.digest(length))
    assert found == digests(HASH.many(text), length, HASH.base).tolist()


def test_another_key_finds_nothing() -> None:
    other = WordHash(b"another key, as long as it must be")
    table = table_of([(list("abcabc"), 3, 0)])
    assert table.find(HASH.many("abc"))
    assert not table.find(other.many("abc"))


def test_stored_hashes_of_neighbours_look_unrelated() -> None:
    """No array holds the rolling digests, from which those of neighbours could be told."""
    words = HASH.many([f"w{n}" for n in range(500)])
    builder = TableBuilder(KEY, 0)
    builder.add(words, 8, 0)
    table = builder.build()
    stored = set(table._arrays.hashes.tolist())
    assert len(stored) == 493
    assert not stored & set(digests(words, 8, HASH.base).tolist())


def test_filters_are_rarely_wrong() -> None:
    from index import bloom

    chance = np.random.default_rng(5)
    keys, others = (chance.integers(0, 1 << 64, size=n, dtype=np.uint64) for n in (100_000, 200_000))
    words = bloom.fill(keys)
    assert bloom.may_hold(words, keys).all()
    assert bloom.may_hold(words, others).mean() < 0.01
    one = bloom.of(words)
    assert [one.may_hold(d) for d in others[:2000].tolist()] == bloom.may_hold(words, others[:2000]).tolist()
