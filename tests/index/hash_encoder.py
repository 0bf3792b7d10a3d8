"""An encoder for tests: hashed words and word pairs, no model, no meaning, the same everywhere."""

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from index.encoder import Rows


class HashEncoder:
    def __init__(self, dimension: int = 256) -> None:
        self.dimension = dimension
        self.name = "hash"
        self.fingerprint = f"hash:{dimension}"

    def encode(self, texts: Sequence[str]) -> Rows:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for feature in _features(text):
                row[_bucket(feature, self.dimension)] += 1.0
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(norms, np.float32(1e-9)), np.float32)


def _features(text: str) -> list[str]:
    words = re.findall(r"\w+", text.casefold())
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    # The empty text still needs a unit row.
    return [*words, *pairs] or [""]


def _bucket(feature: str, size: int) -> int:
    return int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "big") % size
