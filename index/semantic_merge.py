"""The vectors of a full build and of requests that came later, as the files of the next generation.

Rules: nothing is encoded. What a request forgets counts as innocent no more: such neighbours go. Offsets are
worked out anew from the full build each time, whatever generation was between, so that the order of requests
says nothing, and who is restored gives back its part of the rate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.date_index import DateIndex
from index.encoder import Rows
from index.forgets import Forgets
from index.manifest import ManifestEncoder
from index.scoring import Knowledge
from index.semantic_compile import reach_of
from index.semantic_ground import SemanticGround
from index.semantic_offset import split, together
from index.semantic_segment import SemanticEntry, SemanticSegment
from index.snapshot import Snapshot, SnapshotError
from index.vector_index import VectorIndex
from index.vectors import Vectors, in_files

# By their places in the next generation: those in the full build, and what came later.
Earlier = dict[int, int]
Later = dict[int, SemanticEntry]


@dataclass(frozen=True, slots=True)
class MergedVectors:
    """`counts`: vectors per entry, in the order asked for; none where the semantic part is still pending."""

    counts: tuple[int, ...]
    calibration: dict[str, Any] | None
    encoder: ManifestEncoder | None


def merge_vectors(
    base: Snapshot, ids: Sequence[str], segments: Sequence[SemanticSegment], draft: Path
) -> MergedVectors:
    """`base`: the full build. An id is looked for in the segments first, then in the full build.

    Raises SnapshotError where there are segments and the full build has no vectors, or another encoder's.
    """
    built = base.manifest.encoder
    if built is None:
        if segments:
            raise SnapshotError(f"{base.folder}: has no vectors; build it with detectors.semantic")
        return MergedVectors((0,) * len(ids), None, None)
    for segment in segments:
        base.check_encoder(segment.encoder)
    merging = _Merging(base, SemanticGround.load(base), Vectors.load(base.folder), ids, segments)
    earlier, later = merging.entries()
    merged = merging.vectors(earlier, later)
    merged.save(draft)
    calibration = split(merging.ground.calibration, [one.reach for one in later.values()], len(earlier))
    return MergedVectors(merged.counts, calibration.as_json(), built)


@dataclass(frozen=True, slots=True)
class _Merging:
    base: Snapshot
    ground: SemanticGround
    old: Vectors
    ids: Sequence[str]
    segments: Sequence[SemanticSegment]

    def entries(self) -> tuple[Earlier, Later]:
        """Those with vectors."""
        later, old = dict(self._later()), self.old.knowledge
        earlier = {
            place: self.base.places[name]
            for place, name in enumerate(self.ids)
            if place not in later and name in self.base.places
        }
        return {place: before for place, before in earlier.items() if old.size(before)}, later

    def vectors(self, earlier: Earlier, later: Later) -> Vectors:
        return Vectors(self._knowledge(earlier, later), self._neighbours())

    def _later(self) -> Iterator[tuple[int, SemanticEntry]]:
        places = {name: place for place, name in enumerate(self.ids)}
        for segment in self.segments:
            for entry in segment.entries:
                if entry.id in places:
                    yield places[entry.id], self._measured(entry, segment)

    def _measured(self, entry: SemanticEntry, segment: SemanticSegment) -> SemanticEntry:
        """By the negatives of this full build, where it was compiled against another."""
        if segment.ground == self.ground.id:
            return entry
        negatives = [kind.without(segment.forgets) for kind in self.ground.negatives.kinds]
        reach = reach_of(_alone(entry), negatives, entry.reach.own, self.ground.calibration.asked)
        return replace(entry, reach=reach)

    def _knowledge(self, earlier: Earlier, later: Later) -> Knowledge:
        old = self.old.knowledge
        sizes = [
            len(later[place].rows) if place in later else old.size(earlier.get(place))
            for place in range(len(self.ids))
        ]
        offsets = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
        moved, items = np.full(len(old.index), -1, np.int64), np.zeros(int(offsets[-1]), np.int32)
        for place, before in earlier.items():
            own, new = slice(*old.offsets[before : before + 2]), slice(*offsets[place : place + 2])
            moved[own], items[new] = np.arange(new.start, new.stop), old.items[own]
        for place, entry in later.items():
            items[slice(*offsets[place : place + 2])] = entry.items
        places = [np.arange(*offsets[place : place + 2]) for place in later]
        rows = [entry.rows for entry in later.values()]
        index = in_files(self.old.knowledge.index).moved(
            moved, _joined(rows, old.index.dimension), _flat(places)
        )
        dates, lowered = self._dates(earlier, later), self._offsets(earlier, later)
        return Knowledge(index, items, offsets, dates, lowered)

    def _offsets(self, earlier: Earlier, later: Later) -> NDArray[np.float32]:
        threshold, parts = self.ground.calibration.threshold, len(earlier) + len(later)
        lowered = np.zeros(len(self.ids), np.float32)
        for place, before in earlier.items():
            lowered[place] = self.old.knowledge.lowered[before]
            lowered[place] += together(self.ground.calibration, len(earlier) / parts)
        for place, entry in later.items():
            lowered[place] = entry.reach.lowered(threshold, 1.0 / parts)
        return lowered

    def _dates(self, earlier: Earlier, later: Later) -> DateIndex:
        old = self.old.knowledge.dates
        now = {before: place for place, before in earlier.items()}
        found = [
            (one, now[owner])
            for one, owner in zip(old.hashes.tolist(), old.owners.tolist(), strict=True)
            if owner in now
        ]
        found += [(one, place) for place, entry in later.items() for one in entry.dates]
        return DateIndex.from_pairs(found)

    def _neighbours(self) -> VectorIndex:
        forgets = Forgets.together([segment.forgets for segment in self.segments])
        kept = self.ground.negatives.retained.without(forgets)
        moved = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int64)
        dimension = self.ground.neighbours.dimension
        rows = _joined([segment.neighbours for segment in self.segments], dimension)
        first = int(kept.sum())
        return self.ground.neighbours.moved(moved, rows, np.arange(first, first + len(rows)))


def _alone(entry: SemanticEntry) -> Knowledge:
    dates = DateIndex.from_pairs([(one, 0) for one in entry.dates])
    offsets = np.array([0, len(entry.rows)], np.int64)
    return Knowledge(VectorIndex.build(entry.rows), entry.items, offsets, dates, np.zeros(1, np.float32))


def _joined(rows: Sequence[Rows], dimension: int) -> Rows:
    return np.concatenate([np.zeros((0, dimension), np.float32), *rows])


def _flat(places: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(0, np.int64), *places])
