"""How an encoder is known again whose weights nobody here can read: by what it makes of some fixed sentences.

Rule: the same weights on another machine give other last digits and are the same encoder; other weights give
other vectors altogether and are another, whatever they are called.
"""

import numpy as np

from index.encoder import Rows

PROBES = (
    "Where was the lighthouse keeper born?",
    "The harvest was late that year, and nobody minded.",
    "Explain how a letter finds its way across the sea.",
    "1917: the price of bread doubled in a week.",
)
REMOTE = "remote:"
# Of each vector; what they say together tells models, and rounded models, apart.
NUMBERS = 32
LEAST = 0.995


def probe_print(rows: Rows) -> str:
    """The beginnings of the probes' vectors in steps of 1/127 of the largest number."""
    said = rows[:, :NUMBERS].ravel()
    steps = np.rint(said / max(float(np.abs(said).max()), 1e-9) * 127).astype(np.int8)
    return bytes(steps).hex()


def same_encoder(one: str | None, other: str | None) -> bool:
    """Whether vectors of these two fingerprints may be compared."""
    if one == other:
        return True
    if one is None or other is None or not (one.startswith(REMOTE) and other.startswith(REMOTE)):
        return False
    (first, said), (second, heard) = one.rsplit(":", 1), other.rsplit(":", 1)
    return first == second and _likeness(said, heard) >= LEAST


def _likeness(one: str, other: str) -> float:
    try:
        first, second = (
            np.frombuffer(bytes.fromhex(text), np.int8).astype(np.float64) for text in (one, other)
        )
    except ValueError:
        return 0.0
    if len(first) != len(second) or not len(first):
        return 0.0
    lengths = float(np.linalg.norm(first)) * float(np.linalg.norm(second))
    return float(first @ second) / max(lengths, 1e-9)
