"""Every store of vectors finds what brute force over its rows finds."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from index import postgres_vectors
from index.build import build
from index.encoder import Rows
from index.judge import load_judge
from index.postgres_vectors import PostgresVectors
from index.snapshot import Snapshot, SnapshotError
from index.vector_index import VectorIndex
from index.vector_place import VectorPlace
from index.vector_store import VectorStore
from policy.entry import Entry, Question
from policy.policy import Policy, Semantic
from tests.index.hash_encoder import HashEncoder
from tests.postgres import asked

# A busy machine is not a fault.
WAIT_S = 300.0
KEY = b"k" * 32

Store = Callable[[Rows], VectorStore]


def unit(rows: Rows) -> Rows:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def unit_rows(count: int, seed: int, dimension: int = 32) -> Rows:
    return unit(np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32))


def near_rows(rows: Rows, seed: int) -> Rows:
    return unit(rows + 0.05 * unit_rows(len(rows), seed))


@pytest.fixture(params=["faiss", "faiss, saved", "lists", "lists, saved", "postgres", "postgres, graph"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    kind, opened = str(request.param), list[PostgresVectors]()
    if kind == "postgres, graph":
        monkeypatch.setattr(postgres_vectors, "MOST_EXACT", 10)

    def make(rows: Rows) -> VectorStore:
        index = VectorIndex.build(rows, most_exact=10 if "lists" in kind else 10**9)
        if "saved" in kind:
            index.save(tmp_path / "rows.faiss")
            index = VectorIndex.load(tmp_path / "rows.faiss")
        if "postgres" in kind:
            url = request.getfixturevalue("postgres_url")
            opened.append(PostgresVectors.of(url, f"{tmp_path}", index, WAIT_S))
            return opened[-1]
        return index

    yield make
    for one in opened:
        one.close()


def test_what_is_near_is_found_as_by_brute_force(store: Store) -> None:
    rows = unit_rows(600, 1)
    index, queries = store(rows), near_rows(rows[:40], 2)
    similarities, places = index.search(queries, 3)
    assert places[:, 0].tolist() == list(range(40))
    stored = index.rows(0, len(rows))
    found = np.take_along_axis(queries @ stored.T, np.maximum(places, 0), axis=1)
    np.testing.assert_allclose(similarities[places >= 0], found[places >= 0], atol=2e-3)
    assert (np.diff(similarities, axis=1) <= 1e-6).all()


def test_only_rows_that_count_are_found(store: Store) -> None:
    rows = unit_rows(600, 3)
    index, among = store(rows), np.arange(600) % 3 == 1
    _, places = index.search(near_rows(rows[among][:20], 4), 4, among)
    assert places[:, 0].tolist() == np.flatnonzero(among)[:20].tolist()
    assert among[places[places >= 0]].all()


def test_stored_rows_are_hardly_moved(store: Store) -> None:
    rows = unit_rows(400, 5)
    np.testing.assert_allclose(store(rows).rows(100, 200), rows[100:200], atol=0.05)


@pytest.mark.parametrize(("stored", "asked"), [(0, 3), (400, 0)])
def test_an_empty_store_and_an_empty_question_find_nothing(store: Store, stored: int, asked: int) -> None:
    index = store(unit_rows(stored, 1))
    similarities, places = index.search(unit_rows(asked, 2), 3)
    assert (len(index), index.dimension) == (stored, 32)
    assert similarities.shape == places.shape
    assert similarities.size == 0
    assert index.rows(0, 0).shape == (0, 32)


@settings(max_examples=12)
@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 20), st.sampled_from([5, 10**9]))
def test_rows_that_move_stay_what_they_are(kept: list[bool], added: int, most_exact: int) -> None:
    """Another order, some gone, some new; beyond a number in lists."""
    total = sum(kept) + added
    places = np.random.default_rng(total).permutation(total)
    moved = np.full(len(kept), -1, np.int64)
    moved[np.array(kept)] = places[: sum(kept)]
    old, new = unit_rows(len(kept), 1), unit_rows(added, 2)
    index = VectorIndex.build(old, 10**9)
    after = index.moved(moved, new, places[sum(kept) :], most_exact)
    expected = np.zeros((total, 32), np.float32)
    expected[places] = np.concatenate([index.rows(0, len(old))[np.array(kept)], new])
    np.testing.assert_allclose(after.rows(0, total), expected, atol=0.1 if most_exact == 5 else 1e-3)
    assert len(after) == total


def test_rows_in_lists_move_without_being_rounded_again(tmp_path: Path) -> None:
    rows, new = unit_rows(3000, 1), unit_rows(30, 2)
    VectorIndex.build(rows, 10).save(tmp_path / "rows.faiss")
    index = VectorIndex.load(tmp_path / "rows.faiss")
    moved = np.arange(3000) - 100
    moved[:100] = -1
    after = index.moved(moved, new, np.arange(2900, 2930))
    np.testing.assert_array_equal(after.rows(0, 2900), index.rows(100, 3000))
    after.save(tmp_path / "after.faiss")
    again = VectorIndex.load(tmp_path / "after.faiss")
    _, places = again.search(near_rows(rows[500:540], 3), 1)
    assert places[:, 0].tolist() == list(range(400, 440))
    assert again.search(new, 1)[1][:, 0].tolist() == list(range(2900, 2930))


def test_two_rows_cannot_move_to_one_place() -> None:
    index = VectorIndex.build(unit_rows(3, 1))
    with pytest.raises(ValueError, match="named once"):
        index.moved(np.array([0, 0, 1]), unit_rows(0, 2), np.zeros(0, np.int64))


def test_the_judge_says_the_same_with_its_vectors_there(postgres_url: str, tmp_path: Path) -> None:
    question = Question("Where was Alden Vosskamp born?", "At sea.")
    policy = Policy((Entry("crane", questions=(question,)),), "0" * 64, semantic=Semantic(0.1))
    build(policy, tmp_path, KEY, HashEncoder())
    snapshot, texts = Snapshot.load(tmp_path, KEY), [question.question, "Where was Bela Vosskamp born?"]
    there = load_judge(snapshot, HashEncoder(), KEY, VectorPlace(postgres_url, WAIT_S))
    found, expected = (judge.hits(texts, -1) for judge in (there, load_judge(snapshot, HashEncoder(), KEY)))
    assert [[hit.entry for hit in hits] for hits in found] == [[0], [0]]
    for hits, said in zip(found, expected, strict=True):
        assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in said], abs=1e-3)
    nowhere = VectorPlace("postgresql://nobody@/none?host=/nowhere", 1.0)
    with pytest.raises(SnapshotError, match=r"vectors.url: PostgreSQL cannot be used"):
        load_judge(snapshot, HashEncoder(), KEY, nowhere)


def test_a_set_is_copied_once_and_read_by_many(postgres_url: str) -> None:
    rows = VectorIndex.build(unit_rows(50, 1))
    first = PostgresVectors.of(postgres_url, "shared", rows, WAIT_S)
    # Another snapshot's rows under the same name cannot be: names are digests. So these are not read.
    second = PostgresVectors.of(postgres_url, "shared", VectorIndex.build(unit_rows(60, 2)))
    assert len(first) == len(second) == 50
    np.testing.assert_array_equal(first.rows(0, 50), second.rows(0, 50))
    first.close()
    second.close()


def test_what_nobody_holds_goes_after_an_hour_and_no_other(postgres_url: str) -> None:
    rows = VectorIndex.build(unit_rows(20, 1))
    held = PostgresVectors.of(postgres_url, "held", rows, WAIT_S)
    PostgresVectors.of(postgres_url, "left", rows, WAIT_S).close()
    PostgresVectors.of(postgres_url, "lately", rows, WAIT_S).close()
    with asked(
        postgres_url,
        "UPDATE unsay_vector_sets SET used = now() - interval '2 hours' WHERE name IN ('held', 'left')",
    ):
        pass
    PostgresVectors.of(postgres_url, "new", rows, WAIT_S).close()
    assert held.rows(0, 20).shape == (20, 32)
    PostgresVectors(postgres_url, "lately").close()
    with pytest.raises(KeyError):
        PostgresVectors(postgres_url, "left")
    held.close()


def test_a_lost_connection_is_made_again_and_a_dead_set_is_an_error(postgres_url: str) -> None:
    rows = VectorIndex.build(unit_rows(20, 1))
    store = PostgresVectors.of(postgres_url, "cut", rows, WAIT_S)
    with asked(postgres_url) as line:
        held = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'"
        line.run(f"SELECT pg_terminate_backend(pid) FROM ({held}) AS held")
    assert store.search(rows.rows(7, 8), 1)[1].tolist() == [[7]]
    with asked(postgres_url, f"DROP TABLE {store._table}"):
        pass
    with pytest.raises(DBAPIError):
        store.search(rows.rows(7, 8), 1)
    store.close()
