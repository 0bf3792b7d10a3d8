"""Similarity: how near an answer is in meaning to another one (Closer Look, arXiv 2410.08109, section 3).

The cosine of their vectors, zero where it is below. Rule: whose vectors they are is the caller's matter and
has to be told beside the figure.
"""

import numpy as np
from numpy.typing import NDArray


def similarity(said: NDArray[np.floating], wanted: NDArray[np.floating]) -> NDArray[np.float64]:
    """Row by row. A vector without direction is near nothing."""
    left, right = said.astype(np.float64), wanted.astype(np.float64)
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    products = (left * right).sum(axis=1)
    found = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return np.asarray(np.clip(found, 0.0, 1.0))
