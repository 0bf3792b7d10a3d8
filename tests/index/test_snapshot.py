"""A snapshot is whole, its own and unchanged, or it is refused by the name of the file and of the fault."""

import json
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from index import manifest as manifests
from index.build import build
from index.manifest import SnapshotError, read_manifest
from index.snapshot import Snapshot
from index.table_search import find
from policy.entry import Entry, Question
from policy.policy import Policy
from tests.corruption import corrupted
from tests.index.hash_encoder import HashEncoder

KEY = bytes(range(32))
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
ENTRY = Entry(
    "crane",
    names=("Alden Crane",),
    passages=("Alden Crane was born in Ystad in the winter of 1951, the son of a keeper.",),
    questions=(Question("Where was Alden Crane born?", "Alden Crane was born in Ystad."),),
    secrets=("555-201-3391",),
    models=("demo-*", "other"),
    start=NOON,
    end=NOON + timedelta(hours=1),
)

POLICY = Policy((ENTRY,), "d" * 64)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build(POLICY, folder, KEY, HashEncoder())
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy of its own for each test."""
    return shutil.copytree(built, tmp_path / "snapshot")


def test_a_built_snapshot_loads(folder: Path) -> None:
    assert Snapshot.load(folder, KEY).is_of(POLICY)


def test_an_entry_binds_its_models_in_its_time(folder: Path) -> None:
    snapshot = Snapshot.load(folder, KEY)
    for model in ("demo-1", "other", "demo"):
        for minutes in (-1, 0, 59, 60):
            now = NOON + timedelta(minutes=minutes)
            expected = model != "demo" and 0 <= minutes < 60
            assert snapshot.in_force(model, now) == (frozenset({0}) if expected else frozenset())


def test_another_key_is_refused(folder: Path) -> None:
    with pytest.raises(
        SnapshotError, match=r"manifest.json: expected key id \w{16}, found \w{16}; set the key"
    ):
        Snapshot.load(folder, KEY[::-1])


def test_another_encoder_is_refused(folder: Path) -> None:
    snapshot = Snapshot.load(folder, KEY)
    snapshot.check_encoder(HashEncoder().fingerprint)
    with pytest.raises(SnapshotError, match="expected encoder hash:256, found other"):
        snapshot.check_encoder("other")


def test_another_version_of_the_units_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "fold_version", lambda: "another")
    with pytest.raises(SnapshotError, match="expected fold another"):
        Snapshot.load(folder, KEY)


def test_a_folder_without_a_snapshot_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"manifest.json: there is no snapshot; build one"):
        Snapshot.load(tmp_path / "none", KEY)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '{"format": 1}', "\x00\x01", '"text"'])
def test_a_foreign_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)
    with pytest.raises(SnapshotError, match=r"manifest.json: not a manifest of format 7"):
        Snapshot.load(folder, KEY)


def change(folder: Path, edit: Callable[[dict[str, object]], object]) -> None:
    path = folder / "manifest.json"
    found = json.loads(path.read_text())
    edit(found)
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def test_a_manifest_of_another_format_is_refused(folder: Path) -> None:
    change(folder, lambda found: found.update(format=1))
    with pytest.raises(SnapshotError, match="expected format 7, found 1"):
        Snapshot.load(folder, KEY)


@pytest.mark.parametrize(
    "edit",
    [
        {"contents": "e" * 64},
        {"generation": 7},
        {"entries": []},
        {"calibration": None},
        {"files": {}},
        {"seal": ""},
        {"made": "2020-01-01T00:00:00Z"},
    ],
    ids=lambda edit: next(iter(edit)),
)
def test_a_changed_manifest_is_refused(folder: Path, edit: dict[str, object]) -> None:
    """Whoever can write the folder but has no key cannot end an entry, nor raise a threshold."""
    change(folder, lambda found: found.update(edit))
    with pytest.raises(SnapshotError, match="the seal is broken"):
        Snapshot.load(folder, KEY)


def test_a_manifest_written_again_unchanged_is_good(folder: Path) -> None:
    change(folder, lambda found: found)
    assert Snapshot.load(folder, KEY).is_of(POLICY)


def test_a_manifest_that_says_the_same_otherwise_is_refused(folder: Path) -> None:
    """A field may stand twice there, and who else reads it would believe the first."""
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("{", '{"generation": 9, ', 1))
    with pytest.raises(SnapshotError, match=r"manifest.json: not as it was written"):
        Snapshot.load(folder, KEY)


def arrays(folder: Path) -> list[Path]:
    return sorted((folder / "1").iterdir())


def test_every_missing_file_is_named(folder: Path) -> None:
    for path in arrays(folder):
        data = path.read_bytes()
        path.unlink()
        with pytest.raises(SnapshotError, match=f"{path.name}: missing"):
            Snapshot.load(folder, KEY)
        path.write_bytes(data)


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_every_truncated_file_is_named(folder: Path, kept: int) -> None:
    for path in arrays(folder):
        data = path.read_bytes()
        path.write_bytes(data[: min(kept, len(data) - 1)])
        with pytest.raises(SnapshotError, match=rf"{path.name}: expected {len(data)} bytes, found \d+"):
            Snapshot.load(folder, KEY)
        path.write_bytes(data)


def test_every_corrupted_file_is_named(folder: Path) -> None:
    for path in arrays(folder):
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        with pytest.raises(SnapshotError, match=f"{path.name}: expected SHA-256"):
            Snapshot.load(folder, KEY)
        path.write_bytes(data)


def damage(folder: Path, cases: int) -> list[str]:
    """How files were damaged that were not refused by name."""
    rng, passed = random.Random(9), []
    files = [folder / "manifest.json", *(path for path in arrays(folder) if path.stat().st_size > 1)]
    for _ in range(cases):
        path = rng.choice(files)
        data = path.read_bytes()
        way, changed = corrupted(data, rng)
        path.write_bytes(changed)
        try:
            Snapshot.load(folder, KEY)
            passed.append(f"{path.name}: {way}")
        except SnapshotError as error:
            if path.name not in str(error):
                passed.append(f"{path.name}: {way}: {error}")
        path.write_bytes(data)
    return passed


def test_damaged_files_are_refused_by_name(folder: Path) -> None:
    assert damage(folder, 300) == []


@pytest.mark.long
def test_many_damaged_files_are_refused_by_name(folder: Path) -> None:
    assert damage(folder, 10_000) == []


def test_a_file_that_does_not_belong_is_named(folder: Path) -> None:
    (folder / "1" / "notes.txt").write_text("hello")
    with pytest.raises(SnapshotError, match=r"notes.txt: not among the files"):
        Snapshot.load(folder, KEY)


def test_missing_arrays_are_named(folder: Path) -> None:
    (folder / "1").rename(folder / "gone")
    with pytest.raises(SnapshotError, match="1: missing"):
        Snapshot.load(folder, KEY)


def test_arrays_that_are_none_are_refused_even_when_sealed(folder: Path) -> None:
    """Not by chance of a later index error: the file is no array at all."""
    path = folder / "1" / "facts.npy"
    path.write_bytes(b"no array")
    manifest = read_manifest(folder)
    found = manifest.files | {
        "facts.npy": manifests.ManifestFile(size=8, sha256=sha256(b"no array").hexdigest())
    }
    sealed = manifest.model_copy(update={"files": found}).sealed(KEY)
    (folder / "manifest.json").write_text(sealed.text())
    with pytest.raises(SnapshotError, match="cannot be read"):
        Snapshot.load(folder, KEY)


def test_arrays_are_mapped_and_not_read(folder: Path) -> None:
    snapshot = Snapshot.load(folder, KEY)
    assert isinstance(snapshot.passages.levels[0].hashes, np.memmap)


def test_a_loaded_snapshot_outlives_its_files(folder: Path) -> None:
    """Builds remove old generations while others still use them."""
    snapshot = Snapshot.load(folder, KEY)
    for _ in range(2):
        build(Policy((ENTRY,), "new"), folder, KEY)
    assert not snapshot.folder.exists()
    assert len(find(snapshot.phrases, snapshot.word_hash.many(["alden", "crane"]))) == 1
