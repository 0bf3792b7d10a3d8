"""Judges texts against the vectors of a snapshot: a Judge (index/similarity.py) over FAISS.

One thread at a time: the encoder's tokenizer keeps state. It blocks for tens of milliseconds: keep it off the
loop. A sentence that was judged lately is not encoded again: a conversation says everything once more with
every turn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from index.calibration import Calibration
from index.encoder import Encoder
from index.remembered import Remembered
from index.rotation import rotation
from index.scoring import margin, text_hits
from index.sentences import windows
from index.similarity import Hit
from index.snapshot import Snapshot, SnapshotError
from index.vectors import Vectors

# Half a kilobyte each.
MOST_REMEMBERED = 16_384

Scores = Mapping[int, float]


class FaissJudge:
    def __init__(self, vectors: Vectors, encoder: Encoder, key: bytes, calibration: Calibration) -> None:
        self.calibration = calibration
        self.threshold = calibration.threshold
        self.grey = calibration.grey
        self.lines = calibration.lines
        self._vectors = vectors
        self._encoder = encoder
        self._key = key
        self._turn = rotation(key, encoder.dimension)
        self._seen = Remembered[Scores](key, "judged", MOST_REMEMBERED)

    def judge(self, texts: Sequence[str]) -> list[tuple[Hit, ...]]:
        return self.hits(texts, self.grey)

    def hits(self, texts: Sequence[str], least: float) -> list[tuple[Hit, ...]]:
        """As `judge`, down to the score `least`: for explaining and for measuring."""
        pieces = [windows(text) for text in texts]
        scores = self._scores(window for group in pieces for window in group)
        return [text_hits([scores[window] for window in group], least) for group in pieces]

    def _scores(self, texts: Iterable[str]) -> dict[str, Scores]:
        found = {text: self._seen.get(text) for text in texts}
        fresh = [text for text, scores in found.items() if scores is None]
        for text, scores in zip(fresh, self._fresh_scores(fresh), strict=True):
            found[text] = scores
            self._seen.add(text, scores)
        return {text: scores or {} for text, scores in found.items()}

    def _fresh_scores(self, texts: Sequence[str]) -> list[Scores]:
        """Per text its score for each entry that it may be about."""
        if not texts:
            return []
        rows = np.asarray(self._encoder.encode(texts) @ self._turn, np.float32)
        knowledge = self._vectors.knowledge
        similarities = knowledge.similarities(rows, [knowledge.dates.of(text, self._key) for text in texts])
        nearest, _ = self._vectors.neighbours.search(rows, 1)
        margins = [margin(float(best[0])) if len(best) else 0.0 for best in nearest]
        return [
            {entry: similarity - taken for entry, similarity in near.items()}
            for near, taken in zip(similarities, margins, strict=True)
        ]


def load_judge(snapshot: Snapshot, encoder: Encoder, key: bytes) -> FaissJudge:
    """Raises SnapshotError for another encoder than the snapshot's, or a snapshot without vectors."""
    snapshot.check_encoder(encoder.fingerprint)
    if snapshot.calibration is None:
        raise SnapshotError(f"{snapshot.folder}: has no vectors; build it with detectors.semantic")
    vectors = Vectors.load(snapshot.folder)
    groups = [(entry.models, entry.keys) for entry in snapshot.entries]
    knowledge = vectors.knowledge.grouped(groups)
    return FaissJudge(replace(vectors, knowledge=knowledge), encoder, key, snapshot.calibration)
