"""The rotation hides vectors and keeps similarities."""

import numpy as np

from index.rotation import rotation
from tests.index.hash_encoder import HashEncoder

KEY, OTHER = b"k" * 32, b"o" * 32
TEXTS = [f"fact number {place} about {place * 7}" for place in range(40)]


def test_the_same_key_gives_the_same_orthogonal_matrix() -> None:
    turn = rotation(KEY, 96)
    np.testing.assert_allclose(turn @ turn.T, np.eye(96), atol=1e-5)
    np.testing.assert_array_equal(turn, rotation(KEY, 96))


def test_similarities_stay() -> None:
    rows = HashEncoder(96).encode(TEXTS)
    turned = rows @ rotation(KEY, 96)
    np.testing.assert_allclose(turned @ turned.T, rows @ rows.T, atol=1e-5)


def test_a_stolen_vector_cannot_be_compared() -> None:
    """Neither with the text's own vector nor with its vector under another key."""
    rows = HashEncoder(256).encode(TEXTS)
    turned = rows @ rotation(KEY, 256)
    assert np.abs((turned * rows).sum(axis=1)).max() < 0.35
    assert np.abs((turned * (rows @ rotation(OTHER, 256))).sum(axis=1)).max() < 0.35
