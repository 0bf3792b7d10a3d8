"""How near innocent texts come to what is forgotten, when the margins have not seen them.

Rule: a text is judged without the neighbours of its own source, as a stranger's would be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, compress, pairwise

import numpy as np
from numpy.typing import NDArray

from index.encoder import Rows
from index.scoring import Knowledge, margin

NO_GROUP = -1
# Rows that are compared with all neighbours at a time: bounds the memory of a calibration.
BLOCK = 256


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as their windows' turned vectors: of each text `sizes` rows, of each row its dates' hashes."""

    rows: Rows
    sizes: Sequence[int]
    dates: Sequence[frozenset[int]]

    def only(self, kept: Sequence[bool]) -> "Texts":
        rows = np.repeat(np.array(kept, bool), self.sizes)
        return Texts(self.rows[rows], list(compress(self.sizes, kept)), list(compress(self.dates, rows)))


@dataclass(frozen=True, slots=True)
class NeighbourRows:
    """Rows with the group (source) that each came from."""

    rows: Rows
    groups: NDArray[np.int64]

    def best(self, rows: Rows, groups: NDArray[np.int64]) -> Rows:
        """The best similarity of each row to a neighbour of another group."""
        if len(self.rows) == 0:
            return np.zeros(len(rows), np.float32)
        blocks = range(0, len(rows), BLOCK)
        best = [self._best(rows[first : first + BLOCK], groups[first : first + BLOCK]) for first in blocks]
        return np.concatenate([np.zeros(0, np.float32), *best])

    def _best(self, rows: Rows, groups: NDArray[np.int64]) -> Rows:
        similarities = rows @ self.rows.T
        own = (groups[:, None] == self.groups) & (groups[:, None] != NO_GROUP)
        similarities[own] = -1.0
        return np.asarray(similarities.max(axis=1), np.float32)

    def margins(self, texts: Texts, groups: Sequence[int]) -> Rows:
        """What each window's score is lowered by, without the neighbours of its text's own group."""
        best = self.best(texts.rows, np.repeat(np.array(groups, np.int64), texts.sizes))
        return np.array([margin(one) for one in best.tolist()], np.float32)


def best_scores(knowledge: Knowledge, texts: Texts, margins: Rows) -> list[float]:
    """Each text's best score over all entries; -1 where it is near none."""
    similarities = knowledge.similarities(texts.rows, list(map(knowledge.dates.sharing, texts.dates)))
    taken = margins.tolist()
    bounds = pairwise(accumulate(texts.sizes, initial=0))
    return [_best_score(similarities[start:stop], taken[start:stop]) for start, stop in bounds]


def _best_score(similarities: Sequence[dict[int, float]], margins: Sequence[float]) -> float:
    found = zip(similarities, margins, strict=True)
    return max((max(window.values()) - taken for window, taken in found if window), default=-1.0)
