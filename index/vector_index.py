"""Unit vectors in FAISS, found by inner product.

Law, run by tests/index/test_vector_index.py: a search returns what brute force over the stored (half
precision) rows returns.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.encoder import Rows


class VectorIndex:
    """Exact, half precision: 4 ms a query for 100,000 vectors; memory-mapped, so workers share it."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, rows: Rows) -> "VectorIndex":
        import faiss

        index = faiss.IndexScalarQuantizer(
            rows.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        index.train(rows[:1])
        index.add(np.ascontiguousarray(rows))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> "VectorIndex":
        import faiss

        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))

    def save(self, path: Path) -> None:
        import faiss

        faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def search(
        self, queries: Rows, most: int, among: NDArray[np.bool_] | None = None
    ) -> tuple[Rows, NDArray[np.int64]]:
        """Per query the `most` best similarities and their rows, best first (fewer when there are fewer).

        `among`: of each row whether it counts; all do without it.
        """
        most = min(most, len(self) if among is None else int(among.sum()))
        if most == 0 or len(queries) == 0:
            return np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
        similarities, places = self._index.search(
            np.ascontiguousarray(queries), most, params=_only(among) if among is not None else None
        )
        return np.asarray(similarities, np.float32), np.asarray(places, np.int64)

    def rows(self, start: int, stop: int) -> Rows:
        """The stored rows, as they are compared."""
        if stop <= start:
            return np.zeros((0, self.dimension), np.float32)
        return np.asarray(self._index.reconstruct_n(start, stop - start), np.float32)


def _only(among: NDArray[np.bool_]) -> Any:
    import faiss

    return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(among, bitorder="little")))
