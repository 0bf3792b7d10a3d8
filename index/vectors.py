"""The semantic half of a snapshot: rotated vectors of what is forgotten and of what must keep working.

No text is stored. Vectors of the same text under two keys have nothing in common.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.calibration import Calibration
from index.date_index import DateIndex
from index.given import Given
from index.kept_negatives import NEGATIVES_FILE, KeptNegatives
from index.scoring import Knowledge
from index.vector_index import VectorIndex
from index.vector_store import VectorStore

KNOWLEDGE_FILE = "vectors.faiss"
NEIGHBOURS_FILE = "neighbours.faiss"
OWNERS_FILE = "vectors.npz"


@dataclass(frozen=True, slots=True)
class Vectors:
    knowledge: Knowledge
    neighbours: VectorStore

    @property
    def counts(self) -> tuple[int, ...]:
        """Vectors per entry."""
        return tuple(int(count) for count in np.diff(self.knowledge.offsets))

    def save(self, folder: Path) -> None:
        in_files(self.knowledge.index).save(folder / KNOWLEDGE_FILE)
        in_files(self.neighbours).save(folder / NEIGHBOURS_FILE)
        dates = self.knowledge.dates
        np.savez(
            folder / OWNERS_FILE,
            items=self.knowledge.items,
            offsets=self.knowledge.offsets,
            date_hashes=dates.hashes,
            date_owners=dates.owners,
            lowered=self.knowledge.lowered,
        )

    @classmethod
    def load(cls, folder: Path) -> "Vectors":
        with np.load(folder / OWNERS_FILE, allow_pickle=False) as owners:
            items, offsets, lowered = owners["items"], owners["offsets"], owners["lowered"]
            dates = DateIndex(owners["date_hashes"], owners["date_owners"])
        index = VectorIndex.load(folder / KNOWLEDGE_FILE)
        return cls(
            Knowledge(index, items, offsets, dates, lowered), VectorIndex.load(folder / NEIGHBOURS_FILE)
        )


def in_files(store: VectorStore) -> VectorIndex:
    if not isinstance(store, VectorIndex):
        raise TypeError("expected vectors in files, found another store")
    return store


@dataclass(frozen=True, slots=True)
class Built:
    """`given`: what was given by hand, for the next snapshot. `negatives`: for what is added to this one."""

    vectors: Vectors
    calibration: Calibration
    given: Given
    negatives: KeptNegatives

    def save(self, folder: Path) -> None:
        self.vectors.save(folder)
        self.negatives.save(folder / NEGATIVES_FILE)
