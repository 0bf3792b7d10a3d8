"""What holds the vectors of a snapshot's entries, and finds those that are near a text's.

Laws, run by tests/index/test_vector_store.py over every store: what a search returns is what brute force over
`rows` returns, in that order, and no row that does not count; where a store does not compare every row, of
what is near almost all is found. A place of -1 says that fewer were found.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.encoder import Rows


class VectorStore(Protocol):
    """Rows are unit vectors, numbered from 0. Asked by one thread at a time."""

    def __len__(self) -> int: ...

    @property
    def dimension(self) -> int: ...

    @property
    def is_exact(self) -> bool:
        """Whether every row is compared."""
        ...

    def search(
        self, queries: Rows, most: int, among: NDArray[np.bool_] | None = None
    ) -> tuple[Rows, NDArray[np.int64]]:
        """Per query the `most` best similarities and their rows, best first (fewer when there are fewer).

        `among`: of each row whether it counts; all do without it.
        """
        ...

    def rows(self, start: int, stop: int) -> Rows:
        """The stored rows, as they are compared."""
        ...
