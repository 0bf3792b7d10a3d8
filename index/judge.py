"""Judges texts against the vectors of a snapshot: a Judge (index/similarity.py) over FAISS.

One thread at a time: the encoder's tokenizer keeps state. It blocks for tens of milliseconds: keep it off the
loop.
"""

from collections.abc import Sequence

import numpy as np

from index.calibration import Calibration
from index.encoder import Encoder
from index.rotation import rotation
from index.scoring import margin, text_hits
from index.sentences import windows
from index.similarity import Hit
from index.snapshot import Snapshot, SnapshotError
from index.vectors import Vectors


class FaissJudge:
    def __init__(self, vectors: Vectors, encoder: Encoder, key: bytes, calibration: Calibration) -> None:
        self.threshold = calibration.threshold
        self.grey = calibration.grey
        self._vectors = vectors
        self._encoder = encoder
        self._key = key
        self._turn = rotation(key, encoder.dimension)

    def judge(self, texts: Sequence[str]) -> list[tuple[Hit, ...]]:
        return self.hits(texts, self.grey)

    def hits(self, texts: Sequence[str], least: float) -> list[tuple[Hit, ...]]:
        """As `judge`, down to the score `least`: for explaining and for measuring."""
        pieces = [windows(text) for text in texts]
        flat = [window for group in pieces for window in group]
        rows = np.asarray(self._encoder.encode(flat) @ self._turn, np.float32)
        knowledge = self._vectors.knowledge
        similarities = knowledge.similarities(
            rows, [knowledge.dates.of(window, self._key) for window in flat]
        )
        nearest, _ = self._vectors.neighbours.search(rows, 1)
        margins = [margin(float(best[0])) if len(best) else 0.0 for best in nearest]
        hits, place = [], 0
        for group in pieces:
            stop = place + len(group)
            hits.append(text_hits(similarities[place:stop], margins[place:stop], least))
            place = stop
        return hits


def load_judge(snapshot: Snapshot, encoder: Encoder, key: bytes) -> FaissJudge:
    """Raises SnapshotError for another encoder than the snapshot's, or a snapshot without vectors."""
    snapshot.check_encoder(encoder.fingerprint)
    if snapshot.calibration is None:
        raise SnapshotError(f"{snapshot.folder}: has no vectors; build it with detectors.semantic")
    return FaissJudge(Vectors.load(snapshot.folder), encoder, key, snapshot.calibration)
