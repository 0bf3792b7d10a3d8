"""Encoders keep their laws, and MiniLM loads the pinned weights without a network."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoder import (
    MINILM_FILES,
    Encoder,
    EncoderError,
    MiniLM,
    minilm_folder,
    sha256,
    verify,
)
from tests.index.hash_encoder import HashEncoder

TEXTS = ["Where was Alden Crane born?", "", "The harvest was late that year.", "Где он родился?"]


@pytest.fixture(scope="module", params=["hash", "minilm"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return HashEncoder() if request.param == "hash" else MiniLM()


def test_rows_are_unit_length_in_the_order_of_the_texts(encoder: Encoder) -> None:
    rows = encoder.encode(TEXTS)
    assert rows.shape == (len(TEXTS), encoder.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(encoder.encode(TEXTS[::-1]), rows[::-1], atol=1e-5)


def test_a_row_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(alone, encoder.encode(TEXTS), atol=1e-5)


def test_no_text_gives_no_row(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_minilm_knows_a_paraphrase_from_another_subject() -> None:
    asked, same, other = MiniLM().encode(
        ["Where was the poet born?", "What is the poet's birthplace?", "How do I bake bread?"]
    )
    assert asked @ same > 0.7 > 0.3 > asked @ other


def test_the_fingerprint_names_the_weights() -> None:
    assert MINILM_FILES["model.safetensors"][:16] in MiniLM().fingerprint
    assert sha256(minilm_folder() / "model.safetensors") == MINILM_FILES["model.safetensors"]


def test_other_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(EncoderError, match="expected SHA-256"):
        verify(tmp_path, MINILM_FILES)
    with pytest.raises(EncoderError, match="no such file"):
        verify(tmp_path / "nowhere", MINILM_FILES)


@given(st.text(), st.text())
def test_the_hash_encoder_is_the_same_everywhere(one: str, other: str) -> None:
    first, second = HashEncoder().encode([one, other]), HashEncoder().encode([one, other])
    np.testing.assert_array_equal(first, second)
