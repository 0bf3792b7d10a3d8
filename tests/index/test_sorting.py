"""Rows come back sorted, and those of one hash together, whether or not they fit the memory."""

from pathlib import Path

import numpy as np
import pytest

from index import sorting
from index.sorting import Sorter, distinct, union

DTYPE = [("hash", "<u8"), ("owner", "<u4")]


def rows(count: int) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(3)
    # Every hash some ten times, and many that begin alike.
    hashes = chance.integers(0, 1 << 64, count // 10, dtype=np.uint64)
    hashes[::2] &= np.uint64((1 << 58) - 1)
    return chance.choice(hashes, count), chance.integers(0, 9, count, dtype=np.uint32)


@pytest.mark.parametrize("most", [7, 100, 1 << 20])
def test_more_rows_than_memory_holds_come_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(sorting, "MOST_ROWS", most)
    hashes, owners = rows(3000)
    sorter = Sorter(DTYPE, ("hash", "owner"), tmp_path)
    for first in range(0, 3000, 50):
        sorter.add(hash=hashes[first : first + 50], owner=owners[first : first + 50])
    pieces = list(sorter.sorted())
    found = np.concatenate(pieces)
    assert found.tolist() == sorted(zip(hashes.tolist(), owners.tolist(), strict=True))
    assert len({value for piece in pieces for value in set(piece["hash"].tolist())}) == sum(
        len(set(piece["hash"].tolist())) for piece in pieces
    )
    assert list(tmp_path.iterdir()) == []


def test_no_rows_are_one_empty_piece(tmp_path: Path) -> None:
    (piece,) = Sorter(DTYPE, ("hash", "owner"), tmp_path).sorted()
    assert (len(piece), piece.dtype) == (0, np.dtype(DTYPE))


@pytest.mark.parametrize("count", [0, 1, 500])
def test_numbers_come_once_and_in_order(count: int) -> None:
    hashes, _ = rows(10 * count)
    one, other = hashes[:count], hashes[count:]
    assert distinct(hashes).tolist() == sorted(set(hashes.tolist()))
    assert union(one, other).tolist() == sorted(set(hashes.tolist()))
