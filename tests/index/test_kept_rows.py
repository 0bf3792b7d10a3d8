"""A build encodes what is new, and trusts nothing that was changed between two builds."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index import encodings
from index.build import build
from index.encoder import Encoder, Rows
from index.encodings import Encodings
from index.kept_rows import SIZE, keep_rows, kept_file
from index.manifest import Manifest
from policy.entry import Entry, Question
from policy.policy import Policy, Semantic
from tests.index.hash_encoder import HashEncoder

KEY, OTHER = b"k" * 32, b"o" * 32
TEXTS = ["Where was Alden Crane born?", "", "The harvest was late.", "Где он родился?"]
RECORD = 2 * SIZE + 4 * 256


class Counting(HashEncoder):
    """`read`: how many texts so far."""

    read = 0

    def encode(self, texts: Sequence[str]) -> Rows:
        self.read += len(texts)
        return super().encode(texts)


def encoded(
    path: Path, texts: Sequence[str], encoder: Encoder | None = None, key: bytes = KEY
) -> tuple[int, Rows]:
    """How many texts had to be read, and all rows."""
    encoder = encoder or HashEncoder()
    with keep_rows(path, encoder, key) as kept:
        encode = Encodings(encoder, key, kept)
        rows = encode(texts)
        return encode.encoded, rows


def test_what_was_encoded_once_is_not_again(tmp_path: Path) -> None:
    first, second = encoded(tmp_path / "rows", TEXTS), encoded(tmp_path / "rows", [*TEXTS, "New."])
    assert (first[0], second[0]) == (4, 1)
    np.testing.assert_array_equal(first[1], second[1][:4])


def test_another_key_and_another_encoder_know_nothing_of_it(tmp_path: Path) -> None:
    encoded(tmp_path / "rows", TEXTS)
    assert encoded(tmp_path / "rows", TEXTS, key=OTHER)[0] == 4
    assert encoded(tmp_path / "rows", TEXTS, HashEncoder(64))[0] == 4


def test_what_a_build_did_not_ask_for_goes(tmp_path: Path) -> None:
    encoded(tmp_path / "rows", TEXTS)
    encoded(tmp_path / "rows", TEXTS[:1])
    assert (tmp_path / "rows").stat().st_size == RECORD
    assert encoded(tmp_path / "rows", TEXTS)[0] == 3


@pytest.mark.parametrize("place", [3, SIZE + 3, 2 * SIZE + 3], ids=["digest", "seal", "row"])
def test_a_changed_record_is_encoded_anew(tmp_path: Path, place: int) -> None:
    _, expected = encoded(tmp_path / "rows", TEXTS)
    data = bytearray((tmp_path / "rows").read_bytes())
    data[RECORD + place] ^= 1
    (tmp_path / "rows").write_bytes(data)
    read, rows = encoded(tmp_path / "rows", TEXTS)
    assert read == 1
    np.testing.assert_array_equal(rows, expected)
    assert encoded(tmp_path / "rows", TEXTS)[0] == 0


def test_a_file_that_was_cut_off_keeps_what_is_whole(tmp_path: Path) -> None:
    encoded(tmp_path / "rows", TEXTS)
    os.truncate(tmp_path / "rows", 2 * RECORD + 17)
    assert encoded(tmp_path / "rows", TEXTS)[0] == 2
    assert encoded(tmp_path / "rows", TEXTS)[0] == 0


class Failing(HashEncoder):
    """Fails at the second batch."""

    batches = 0

    def encode(self, texts: Sequence[str]) -> Rows:
        self.batches += 1
        if self.batches > 1:
            raise OSError("the encoder is gone")
        return super().encode(texts)


def test_a_build_that_fails_keeps_what_it_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "BATCH", 3)
    with pytest.raises(OSError, match="gone"):
        encoded(tmp_path / "rows", TEXTS, Failing())
    assert encoded(tmp_path / "rows", TEXTS)[0] == 1


def test_two_builds_at_a_time_do_not_write_into_one_file(tmp_path: Path) -> None:
    with keep_rows(tmp_path / "rows", HashEncoder(), KEY) as first:
        assert first is not None
        with keep_rows(tmp_path / "rows", HashEncoder(), KEY) as second:
            assert second is None


def test_no_text_stands_in_the_file_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    encoded(tmp_path / "rows", TEXTS)
    assert b"Crane" not in (tmp_path / "rows").read_bytes()
    assert (tmp_path / "rows").stat().st_mode & 0o077 == 0


def entry(name: str) -> Entry:
    return Entry(name.lower(), names=(name,), questions=(Question(f"Where was {name} born?", "At sea."),))


def test_a_policy_with_one_entry_more_is_built_by_reading_that_one(tmp_path: Path) -> None:
    policy = Policy((entry("Vosskamp"), entry("Quistgaard")), "0" * 64, semantic=Semantic(0.01))
    more = replace(policy, entries=(*policy.entries, entry("Brelmark")))
    fresh, encoder = Counting(), Counting()
    whole = build(more, tmp_path / "fresh", KEY, fresh)
    build(policy, tmp_path / "kept", KEY, encoder)
    before = encoder.read
    again = build(more, tmp_path / "kept", KEY, encoder)
    assert encoder.read - before < 40 < fresh.read
    assert calibrated(again) == calibrated(whole)
    assert kept_file(tmp_path / "kept").is_file()


def calibrated(manifest: Manifest) -> object:
    assert manifest.calibration is not None
    return manifest.calibration["threshold"]
