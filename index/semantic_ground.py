"""What a full build leaves for requests that come later: its negatives, its neighbours, its threshold."""

from dataclasses import dataclass

import numpy as np

from index.calibration import Calibration
from index.encoder import Rows
from index.forgets import Forgets
from index.kept_negatives import NEGATIVES_FILE, KeptNegatives
from index.neighbour_rows import Texts
from index.scoring import margin
from index.snapshot import Snapshot, SnapshotError
from index.vector_index import VectorIndex
from index.vectors import NEIGHBOURS_FILE


@dataclass(frozen=True, slots=True)
class SemanticGround:
    """`id` changes with the negatives and with the rate."""

    id: str
    calibration: Calibration
    negatives: KeptNegatives
    neighbours: VectorIndex

    @classmethod
    def load(cls, base: Snapshot) -> "SemanticGround":
        """Raises SnapshotError for a snapshot that is no full build with semantic detection."""
        kept = base.manifest.files.get(NEGATIVES_FILE)
        if base.calibration is None or kept is None:
            raise SnapshotError(f"{base.folder}: has no {NEGATIVES_FILE}; build it with detectors.semantic")
        return cls(
            id=f"{kept.sha256}:{base.calibration.asked}",
            calibration=base.calibration,
            negatives=KeptNegatives.load(base.folder / NEGATIVES_FILE),
            neighbours=VectorIndex.load(base.folder / NEIGHBOURS_FILE),
        )

    def margins(self, texts: Texts, own: Rows, forgets: Forgets) -> Rows:
        """Of each window, by the neighbours that still count and those of the request itself."""
        kept = self.negatives.retained.without(forgets)
        found, _ = self.neighbours.search(texts.rows, 1, None if kept.all() else kept)
        best = np.max(
            np.hstack([found, texts.rows @ own.T, np.zeros((len(texts.rows), 1), np.float32)]), axis=1
        )
        return np.array([margin(one) for one in best.tolist()], np.float32)
