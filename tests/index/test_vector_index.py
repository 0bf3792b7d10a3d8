"""FAISS finds what brute force finds."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoder import Rows
from index.vector_index import VectorIndex


def unit_rows(count: int, seed: int) -> Rows:
    rows = np.random.default_rng(seed).standard_normal((count, 32))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@settings(max_examples=50)
@given(st.integers(1, 200), st.integers(1, 80), st.integers(0, 2**32 - 1))
def test_a_search_returns_what_brute_force_over_the_stored_rows_returns(
    stored: int, most: int, seed: int
) -> None:
    index, queries = VectorIndex.build(unit_rows(stored, seed)), unit_rows(5, seed + 1)
    similarities, places = index.search(queries, most)
    everything = queries @ index.rows(0, stored).T
    expected = np.sort(everything, axis=1)[:, ::-1][:, : min(most, stored)]
    np.testing.assert_allclose(similarities, expected, atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(everything, places, axis=1), expected, atol=1e-5)


@settings(max_examples=50)
@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(1, 80), st.integers(0, 2**32 - 1))
def test_a_search_among_some_rows_returns_what_brute_force_over_these_returns(
    counting: list[bool], most: int, seed: int
) -> None:
    index, queries = VectorIndex.build(unit_rows(len(counting), seed)), unit_rows(5, seed + 1)
    among = np.array(counting)
    similarities, places = index.search(queries, most, among)
    assert among[places].all()
    everything = queries @ index.rows(0, len(counting)).T
    expected = np.sort(everything[:, among], axis=1)[:, ::-1][:, :most]
    np.testing.assert_allclose(similarities, expected, atol=1e-5)


def test_half_precision_hardly_moves_a_row() -> None:
    rows = unit_rows(50, 1)
    np.testing.assert_allclose(VectorIndex.build(rows).rows(0, 50), rows, atol=1e-3)


def test_a_saved_index_finds_the_same(tmp_path: Path) -> None:
    index = VectorIndex.build(unit_rows(50, 2))
    index.save(tmp_path / "rows.faiss")
    loaded, queries, some = VectorIndex.load(tmp_path / "rows.faiss"), unit_rows(3, 3), np.arange(50) % 3 == 0
    np.testing.assert_array_equal(index.search(queries, 7, some)[1], loaded.search(queries, 7, some)[1])
    for one, other in zip(index.search(queries, 7), loaded.search(queries, 7), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(index.rows(3, 9), loaded.rows(3, 9))


@pytest.mark.parametrize(("stored", "asked"), [(0, 3), (4, 0)])
def test_an_empty_index_and_an_empty_question_find_nothing(stored: int, asked: int) -> None:
    similarities, places = VectorIndex.build(unit_rows(stored, 1)).search(unit_rows(asked, 2), 3)
    assert similarities.shape == places.shape
    assert similarities.size == 0
