"""Arrays in memory and arrays in files are the same after the same calls, and nothing else is left behind."""

from pathlib import Path

import numpy as np
import pytest

from index.shelf import MemoryShelf, Shelf, folder_shelf


def fill(shelf: Shelf) -> None:
    shelf.append("grown", np.arange(5, dtype=np.uint64))
    shelf.append("grown", np.arange(70_000, dtype=np.uint64)[::2])
    shelf.append("pairs", np.empty((0, 2), dtype=np.uint32))
    shelf.append("pairs", np.arange(6, dtype=np.uint32).reshape(3, 2))
    shelf.append("nothing", np.empty(0, dtype=np.uint8))
    shelf.room("written", 9, np.uint64)[3:5] = 7
    shelf.room("empty", 0, np.uint64)
    shelf.scratch("sharing", 4, np.uint8)[:] = 1


def test_both_kinds_hold_the_same(tmp_path: Path) -> None:
    memory = MemoryShelf()
    fill(memory)
    memory.note("page", "text")
    with folder_shelf(tmp_path) as shelf:
        fill(shelf)
        shelf.note("page", "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "empty.npy", "grown.npy", "nothing.npy", "page", "pairs.npy", "written.npy",
    ]  # fmt: skip
    for name in ("grown", "pairs", "nothing", "written", "empty"):
        found, expected = np.load(tmp_path / f"{name}.npy", mmap_mode="r"), memory[name]
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        assert found.tolist() == expected.tolist()
    assert (tmp_path / "page").read_text() == memory.notes["page"] == "text"


def test_rows_of_another_kind_are_refused(tmp_path: Path) -> None:
    with folder_shelf(tmp_path) as shelf:
        shelf.append("rows", np.zeros((2, 2), dtype=np.uint32))
        with pytest.raises(ValueError, match="expected rows of uint32"):
            shelf.append("rows", np.zeros((2, 2), dtype=np.uint64))
