"""Turned vectors of texts: each text is encoded once, and not at all where the last build's rows are kept."""

import time
from collections.abc import Sequence

import numpy as np

from index.encoder import Encoder, Rows
from index.kept_rows import KeptRows
from index.rotation import rotation

# Encoded at a time: a build that is killed loses no more than these.
BATCH = 4096


class Encodings:
    """`seconds` in the encoder, for `encoded` texts, so far."""

    def __init__(self, encoder: Encoder, key: bytes, kept: KeptRows | None = None) -> None:
        self.encoder, self._kept = encoder, kept
        self._turn = rotation(key, encoder.dimension)
        self._rows: dict[str, Rows] = {}
        self.seconds, self.encoded = 0.0, 0

    def __call__(self, texts: Sequence[str]) -> Rows:
        fresh = [text for text in dict.fromkeys(texts) if text not in self._rows]
        fresh = fresh if self._kept is None else self._recalled(fresh, self._kept)
        for first in range(0, len(fresh), BATCH):
            self._encode(fresh[first : first + BATCH])
        if not texts:
            return np.zeros((0, self.encoder.dimension), np.float32)
        return np.stack([self._rows[text] for text in texts])

    def _recalled(self, texts: Sequence[str], kept: KeptRows) -> list[str]:
        """Those that have to be encoded."""
        for text in texts:
            row = kept.get(text)
            if row is not None:
                self._rows[text] = row
        return [text for text in texts if text not in self._rows]

    def _encode(self, texts: Sequence[str]) -> None:
        start = time.perf_counter()
        turned = np.asarray(self.encoder.encode(texts) @ self._turn, np.float32)
        self.seconds += time.perf_counter() - start
        self.encoded += len(texts)
        self._rows.update(zip(texts, turned, strict=True))
        if self._kept is not None:
            self._kept.add(texts, turned)
