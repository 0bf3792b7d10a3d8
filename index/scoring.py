"""How similar a text is to an entry, less how similar it is to what must keep working.

score = (best + mean of the three best pieces of knowledge) / 2 + DATE if they share a date
        - WEIGHT * (best neighbour) - the entry's own offset

The offset makes entries comparable: prose is nearer to everything than a question about a person is.
Law, which the calibration's promise rests on: another neighbour never raises a score. The form and its
numbers were chosen on TOFU authors that no reported figure uses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.date_index import DateIndex
from index.encoder import Rows
from index.similarity import Hit
from index.vector_store import VectorStore

WEIGHT = 0.5
DATE = 0.2
SUPPORT = 3
# What questions about a person score on the nearest generic text; an entry that scores more is lowered to it.
GENERIC = 0.3
# How far the threshold stays above that for a lone passage, which has no text of its kind to calibrate on.
LONE_PASSAGE = 0.1
# How many vectors are looked at to find the entries that a text may be about, and how many entries.
CANDIDATE_VECTORS = 64
CANDIDATE_ENTRIES = 8


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All entries' vectors: entry e owns rows offsets[e] to offsets[e + 1]; `items` numbers its pieces.

    `lowered` is by how much each entry's similarities are lowered. `apart`: of each group of entries that may
    bind without the others, which rows are theirs; none where all bind together.
    """

    index: VectorStore
    items: NDArray[np.int32]
    offsets: NDArray[np.int64]
    dates: DateIndex
    lowered: NDArray[np.float32]
    apart: tuple[NDArray[np.bool_], ...] = ()

    def size(self, entry: int | None) -> int:
        return 0 if entry is None else int(self.offsets[entry + 1] - self.offsets[entry])

    def grouped(self, groups: Sequence[object]) -> "Knowledge":
        """`groups`: of each entry which it belongs to. Those of one group crowd out none of another's."""
        if len(kinds := dict.fromkeys(groups)) < 2:
            return self
        sizes = np.diff(self.offsets)
        return replace(
            self, apart=tuple(np.repeat([group == kind for group in groups], sizes) for kind in kinds)
        )

    def similarities(self, rows: Rows, dated: Sequence[frozenset[int]]) -> list[dict[int, float]]:
        """Per text the similarity to each entry that it may be about.

        `dated`: per text the entries that share a date with it.
        """
        near: dict[int, list[int]] = {}
        for group in self.apart or (None,):
            _, places = self.index.search(rows, CANDIDATE_VECTORS, group)
            owners = np.searchsorted(self.offsets, places, side="right") - 1
            for text, owned in enumerate(owners.tolist()):
                for entry in [one for one in dict.fromkeys(owned) if one >= 0][:CANDIDATE_ENTRIES]:
                    near.setdefault(entry, []).append(text)
        found: list[dict[int, float]] = [{} for _ in rows]
        # Entry by entry, because its rows are read from the index once for all texts that are near it.
        for entry, texts in near.items():
            for text, similarity in zip(texts, self._to_entry(rows[texts], entry).tolist(), strict=True):
                found[text][entry] = similarity + DATE * (entry in dated[text])
        return found

    def to_others(self, rows: Rows, own: int) -> Rows:
        """For texts of the entry `own`: how similar each is to the nearest of all other entries."""
        start, stop = int(self.offsets[own]), int(self.offsets[own + 1])
        similarities = rows @ self.index.rows(0, len(self.index)).T
        similarities[:, start:stop] = -2.0
        nearest = np.searchsorted(self.offsets, similarities.argmax(axis=1), side="right") - 1
        found = np.full(len(rows), -1.0, np.float32)
        for entry in set(nearest.tolist()) - {own}:
            found[nearest == entry] = self._to_entry(rows[nearest == entry], entry)
        return found

    def _to_entry(self, rows: Rows, entry: int) -> Rows:
        start, stop = int(self.offsets[entry]), int(self.offsets[entry + 1])
        similarities = combined(rows @ self.index.rows(start, stop).T, self.items[start:stop])
        return np.asarray(similarities - self.lowered[entry], np.float32)


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


def text_hits(windows: Iterable[Mapping[int, float]], least: float) -> tuple[Hit, ...]:
    """The hits of a text from its windows' scores: per entry the best, best first, none below `least`."""
    best: dict[int, float] = {}
    for scores in windows:
        for entry, score in scores.items():
            best[entry] = max(best.get(entry, -1.0), score)
    hits = (Hit(entry, score) for entry, score in best.items() if score >= least)
    return tuple(sorted(hits, key=lambda hit: -hit.score))
