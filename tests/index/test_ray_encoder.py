"""What many machines encode is what one encodes."""

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from index.encoder import EncoderError
from index.ray_encoder import BATCH, RayEncoder
from tests.index.hash_encoder import HashEncoder

TEXTS = [f"Sentence number {place} of many." for place in range(3 * BATCH + 7)]


@pytest.fixture
def cluster() -> Iterator[None]:
    ray = pytest.importorskip("ray")
    yield
    ray.shutdown()


@pytest.mark.long
@pytest.mark.usefixtures("cluster")
@pytest.mark.filterwarnings("default")
def test_rows_from_two_processes_are_those_of_a_plain_loop() -> None:
    encoder = RayEncoder(HashEncoder, 2)
    np.testing.assert_array_equal(encoder.encode(TEXTS), HashEncoder().encode(TEXTS))
    np.testing.assert_array_equal(encoder.encode(TEXTS[::-1]), HashEncoder().encode(TEXTS[::-1]))


def test_it_is_the_encoder_that_it_is_made_of_and_asks_nobody_for_a_few_texts() -> None:
    encoder = RayEncoder(HashEncoder, 2)
    assert (encoder.name, encoder.dimension, encoder.fingerprint) == ("hash", 256, "hash:256")
    np.testing.assert_array_equal(encoder.encode(TEXTS[:BATCH]), HashEncoder().encode(TEXTS[:BATCH]))
    assert encoder.encode([]).shape == (0, 256)


def test_without_ray_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EncoderError, match=r"pip install 'unsay\[ray\]'"):
        RayEncoder(HashEncoder, 2).encode(TEXTS)
