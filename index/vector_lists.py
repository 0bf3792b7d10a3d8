"""Many vectors in lists round centres (FAISS's inverted file), under their own numbers.

Rule: rows keep their numbers through FAISS's own 64-bit ids. An id map round lists ends the whole process
when a row is taken out of it, so none is used.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.encoder import Rows

# A centre is learnt from so many rows; more make it no better.
ROWS_A_CENTRE = 40
LISTS_OF_A_MILLION = 4096
BLOCK = 65_536


def build_lists(rows: Rows) -> Any:
    """Centres are learnt from a part of the rows, the same for the same rows."""
    import faiss

    lists = _lists(len(rows))
    index = _empty(faiss.IndexFlatIP(rows.shape[1]), lists)
    # Centres of one length: by inner product, long ones would draw most rows into their lists.
    index.cp.spherical = True
    index.train(np.ascontiguousarray(rows[:: max(1, len(rows) // (ROWS_A_CENTRE * lists))]))
    _add(index, rows, np.arange(len(rows), dtype=np.int64))
    index.make_direct_map()
    return index


def moved_lists(index: Any, places: NDArray[np.int64], rows: Rows, new: NDArray[np.int64]) -> Any:
    """The same centres and codes under other numbers (-1: gone), with new rows."""
    import faiss

    # Not a clone of the whole, which would write into the file that is mapped.
    moved = _empty(faiss.clone_index(index.quantizer), index.nlist)
    faiss.copy_array_to_vector(faiss.vector_to_array(index.sq.trained), moved.sq.trained)
    moved.is_trained = True
    for number in range(index.nlist):
        _move(index, moved, number, places)
    moved.ntotal = int((places >= 0).sum())
    _add(moved, rows, new)
    moved.make_direct_map()
    return moved


def _empty(quantizer: Any, lists: int) -> Any:
    import faiss

    index = faiss.IndexIVFScalarQuantizer(
        quantizer, quantizer.d, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    # Python would free it too.
    quantizer.this.disown()
    index.own_fields = True
    return index


def _move(index: Any, moved: Any, number: int, places: NDArray[np.int64]) -> None:
    import faiss

    size = index.invlists.list_size(number)
    if not size:
        return
    width = index.invlists.code_size
    ids = places[faiss.rev_swig_ptr(index.invlists.get_ids(number), size)]
    codes = faiss.rev_swig_ptr(index.invlists.get_codes(number), size * width).reshape(size, width)
    kept = np.ascontiguousarray(ids[ids >= 0])
    left = np.ascontiguousarray(codes[ids >= 0])
    if len(kept):
        moved.invlists.add_entries(number, len(kept), faiss.swig_ptr(kept), faiss.swig_ptr(left))


def _add(index: Any, rows: Rows, ids: NDArray[np.int64]) -> None:
    for first in range(0, len(rows), BLOCK):
        part = slice(first, first + BLOCK)
        index.add_with_ids(np.ascontiguousarray(rows[part]), np.ascontiguousarray(ids[part]))


def _lists(rows: int) -> int:
    """Four times the root, and none with too few rows to learn its centre from."""
    return max(1, min(LISTS_OF_A_MILLION, int(4 * rows**0.5), rows // ROWS_A_CENTRE))
