"""A secret rotation of the embedding space: similarities stay, a stolen vector cannot be compared.

Whoever has the key, or enough vectors of known texts, can undo it: SECURITY says so.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray


def rotation(key: bytes, dimension: int) -> NDArray[np.float32]:
    """A uniformly random orthogonal matrix, the same for the same key: QR of a keyed Gaussian matrix."""
    orthogonal, upper = np.linalg.qr(_gaussian(key, dimension))
    # QR leaves the signs open; fixed signs make the matrix uniform and the same on every machine.
    return np.asarray(orthogonal * np.sign(np.diagonal(upper)), dtype=np.float32)


def _gaussian(key: bytes, dimension: int) -> NDArray[np.float64]:
    """Normal numbers (Box-Muller) from a keyed extendable hash: unlike numpy's generators not predictable."""
    size = dimension * dimension
    stream = hashlib.shake_256(hashlib.blake2b(key[:64], person=b"unsay-rotation").digest()).digest(16 * size)
    uniform = (np.frombuffer(stream, dtype="<u8").astype(np.float64) + 0.5) / 2.0**64
    radius = np.sqrt(-2.0 * np.log(np.minimum(uniform[:size], 1.0 - 2.0**-53)))
    return np.asarray((radius * np.cos(2.0 * np.pi * uniform[size:])).reshape(dimension, dimension))
