"""Unit vectors in FAISS, found by inner product: the VectorStore (see there) of a snapshot's own files.

Up to `MOST_EXACT` every row is compared, in half precision (4 ms a query for 100,000 rows). Beyond that rows
lie in lists round centres, eight bits a number, and the nearest lists are compared: 40 times faster for a
million. Both are memory-mapped, so workers share one copy.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.encoder import Rows
from index.vector_lists import build_lists, moved_lists

MOST_EXACT = 50_000
# Lists that are compared for one query: measured to find what brute force finds, where that is near.
PROBED_LISTS = 32
BLOCK = 65_536


class VectorIndex:
    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, rows: Rows, most_exact: int = MOST_EXACT) -> "VectorIndex":
        if len(rows) > most_exact:
            return cls(build_lists(rows))
        return cls(_exact(rows.shape[1], [rows]))

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

    @property
    def is_exact(self) -> bool:
        return not hasattr(self._index, "nprobe")

    def search(
        self, queries: Rows, most: int, among: NDArray[np.bool_] | None = None
    ) -> tuple[Rows, NDArray[np.int64]]:
        most = min(most, len(self) if among is None else int(among.sum()))
        if most == 0 or len(queries) == 0:
            return np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
        similarities, places = self._index.search(
            np.ascontiguousarray(queries), most, params=self._parameters(among)
        )
        return np.asarray(similarities, np.float32), np.asarray(places, np.int64)

    def rows(self, start: int, stop: int) -> Rows:
        if stop <= start:
            return np.zeros((0, self.dimension), np.float32)
        if self.is_exact:
            return np.asarray(self._index.reconstruct_n(start, stop - start), np.float32)
        # By their numbers: for a range FAISS would go through all lists.
        return np.asarray(self._index.reconstruct_batch(np.arange(start, stop)), np.float32)

    def moved(
        self, places: NDArray[np.int64], rows: Rows, new: NDArray[np.int64], most_exact: int = MOST_EXACT
    ) -> "VectorIndex":
        """Another index. `places`: of each row here its place there, -1: it goes; `new`: those of `rows`.

        Every place there is named once. What is stored is not rounded again.
        """
        if not self.is_exact:
            return VectorIndex(moved_lists(self._index, places, rows, new))
        total = int((places >= 0).sum()) + len(rows)
        blocks = self._blocks(_sources(places, new, total), rows)
        if total > most_exact:
            return VectorIndex(build_lists(np.concatenate(list(blocks))))
        return VectorIndex(_exact(self.dimension, blocks))

    def _blocks(self, sources: NDArray[np.int64], rows: Rows) -> Iterator[Rows]:
        for first in range(0, len(sources), BLOCK):
            block = sources[first : first + BLOCK]
            here, found = block < len(self), np.empty((len(block), self.dimension), np.float32)
            if here.any():
                found[here] = self._index.reconstruct_batch(block[here])
            found[~here] = rows[block[~here] - len(self)]
            yield found

    def _parameters(self, among: NDArray[np.bool_] | None) -> Any:
        import faiss

        some = {} if among is None else {"sel": faiss.IDSelectorBitmap(np.packbits(among, bitorder="little"))}
        if self.is_exact:
            return faiss.SearchParameters(**some) if some else None
        return faiss.SearchParametersIVF(nprobe=PROBED_LISTS, **some)


def _sources(places: NDArray[np.int64], new: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Of each place there, which row comes to it: one that is here, or behind these a new one."""
    sources = np.full(total, -1, np.int64)
    kept = np.flatnonzero(places >= 0)
    sources[places[kept]] = kept
    sources[new] = len(places) + np.arange(len(new))
    if (sources < 0).any():
        raise ValueError("expected every place to be named once, found one twice")
    return sources


def _exact(dimension: int, blocks: Any) -> Any:
    import faiss

    index = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index.is_trained = True
    for block in blocks:
        index.add(np.ascontiguousarray(block))
    return index
