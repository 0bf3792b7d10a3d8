"""How similar a text is to an entry, less how similar it is to what must keep working.

score = (best + mean of the three best pieces of knowledge) / 2 + DATE if they share a date
        - WEIGHT * (best neighbour)

Law, which the calibration's promise rests on: another neighbour never raises a score. The form and its
numbers were chosen on TOFU authors that no reported figure uses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.date_index import DateIndex
from index.encoder import Rows
from index.similarity import Hit
from index.vector_index import VectorIndex

WEIGHT = 0.5
DATE = 0.2
SUPPORT = 3
# How many vectors are looked at to find the entries that a text may be about, and how many entries.
CANDIDATE_VECTORS = 64
CANDIDATE_ENTRIES = 8


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All entries' vectors: entry e owns rows offsets[e] to offsets[e + 1]; `items` numbers its pieces."""

    index: VectorIndex
    items: NDArray[np.int32]
    offsets: NDArray[np.int64]
    dates: DateIndex

    def similarities(self, rows: Rows, dated: Sequence[frozenset[int]]) -> list[dict[int, float]]:
        """Per text the similarity to each entry that it may be about.

        `dated`: per text the entries that share a date with it.
        """
        _, places = self.index.search(rows, CANDIDATE_VECTORS)
        owners = np.searchsorted(self.offsets, places, side="right") - 1
        near: dict[int, list[int]] = {}
        for text, owned in enumerate(owners.tolist()):
            for entry in list(dict.fromkeys(owned))[:CANDIDATE_ENTRIES]:
                near.setdefault(entry, []).append(text)
        found: list[dict[int, float]] = [{} for _ in rows]
        # Entry by entry, because its rows are read from the index once for all texts that are near it.
        for entry, texts in near.items():
            for text, similarity in zip(texts, self._to_entry(rows[texts], entry).tolist(), strict=True):
                found[text][entry] = similarity + DATE * (entry in dated[text])
        return found

    def _to_entry(self, rows: Rows, entry: int) -> Rows:
        start, stop = int(self.offsets[entry]), int(self.offsets[entry + 1])
        return combined(rows @ self.index.rows(start, stop).T, self.items[start:stop])


def combined(similarities: Rows, items: NDArray[np.int32]) -> Rows:
    """For each row of similarities to an entry's vectors, [texts, vectors], one to the entry, [texts].

    The best piece counts half; the other half asks whether the entry as a whole is near.
    """
    order = np.argsort(items, kind="stable")
    _, first = np.unique(items[order], return_index=True)
    pieces = np.sort(np.maximum.reduceat(similarities[:, order], first, axis=1), axis=1)
    return np.asarray(0.5 * pieces[:, -1] + 0.5 * pieces[:, -SUPPORT:].mean(axis=1), np.float32)


def margin(best_neighbour: float) -> float:
    return WEIGHT * max(0.0, best_neighbour)


def text_hits(
    similarities: Sequence[dict[int, float]], margins: Sequence[float], least: float
) -> tuple[Hit, ...]:
    """The hits of a text from those of its windows: per entry the best, best first, none below `least`."""
    best: dict[int, float] = {}
    for window, taken in zip(similarities, margins, strict=True):
        for entry, similarity in window.items():
            best[entry] = max(best.get(entry, -1.0), similarity - taken)
    hits = (Hit(entry, score) for entry, score in best.items() if score >= least)
    return tuple(sorted(hits, key=lambda hit: -hit.score))
