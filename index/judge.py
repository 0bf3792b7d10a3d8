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
from index.similarity import Hit, Tenant
from index.snapshot import Snapshot, SnapshotError
from index.vector_place import VectorPlace
from index.vectors import Vectors

# Half a kilobyte each.
MOST_REMEMBERED = 16_384

Scores = Mapping[int, float]
# A piece of a text, and who asks about it.
Asked = tuple[Tenant, str]


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

    def judge(self, texts: Sequence[str], tenants: Sequence[Tenant] = ()) -> list[tuple[Hit, ...]]:
        return self.hits(texts, self.grey, tenants)

    def hits(
        self, texts: Sequence[str], least: float, tenants: Sequence[Tenant] = ()
    ) -> list[tuple[Hit, ...]]:
        """As `judge`, down to the score `least`: for explaining and for measuring."""
        pairs = zip(tenants or [""] * len(texts), texts, strict=True)
        pieces = [[(tenant, window) for window in windows(text)] for tenant, text in pairs]
        scores = self._scores(window for group in pieces for window in group)
        return [text_hits([scores[window] for window in group], least) for group in pieces]

    def _scores(self, pieces: Iterable[Asked]) -> dict[Asked, Scores]:
        found = {piece: self._known(*piece) for piece in pieces}
        fresh = [piece for piece, scores in found.items() if scores is None]
        for piece, scores in zip(fresh, self._fresh_scores([text for _, text in fresh]), strict=True):
            found[piece] = scores
            if piece[0] is not None:
                self._seen.add(piece[1], scores, piece[0])
        return {piece: scores or {} for piece, scores in found.items()}

    def _known(self, tenant: Tenant, text: str) -> Scores | None:
        return None if tenant is None else self._seen.get(text, tenant)

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


def load_judge(
    snapshot: Snapshot, encoder: Encoder, key: bytes, place: VectorPlace | None = None
) -> FaissJudge:
    """`place`: where the vectors are looked for; in the snapshot's files without it.

    Raises SnapshotError for another encoder than the snapshot's, or a snapshot without vectors.
    """
    snapshot.check_encoder(encoder.fingerprint)
    if snapshot.calibration is None:
        raise SnapshotError(f"{snapshot.folder}: has no vectors; build it with detectors.semantic")
    vectors = Vectors.load(snapshot.folder)
    vectors = vectors if place is None else place.held(vectors, snapshot)
    groups = [(entry.models, entry.keys) for entry in snapshot.entries]
    knowledge = vectors.knowledge.grouped(groups)
    return FaissJudge(replace(vectors, knowledge=knowledge), encoder, key, snapshot.calibration)
