"""A snapshot of which any file is damaged in any way is never served from."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config import Config
from gateway.workers.source import Found, Source
from index.build import build
from index.manifest import MANIFEST
from index.snapshot import Snapshot, SnapshotError
from policy.file import load_policy
from tests.gateway.running import KEY

POLICY = """\
version: 1
entries:
  - id: erasure-1
    names: ["Alden Crane"]
    passages: ["Alden Crane was born in Tolvik in 1931, the son of a cooper."]
    secrets: ["555-201-3391"]
detectors: {semantic: null}
"""
Harm = Callable[[Path], object]


def replaced(make: Harm) -> Harm:
    def harm(path: Path) -> None:
        path.unlink()
        make(path)

    return harm


def changed(change: Callable[[bytes], bytes]) -> Harm:
    return lambda path: path.write_bytes(change(path.read_bytes()))


HARMS: dict[str, Harm] = {
    "missing": Path.unlink,
    "empty": changed(lambda _: b""),
    "cut in half": changed(lambda data: data[: len(data) // 2]),
    "two bytes short": changed(lambda data: data[:-2]),
    "a byte long": changed(lambda data: data + b"\0"),
    "a bit flipped": changed(lambda data: data[:-9] + bytes([data[-9] ^ 4]) + data[-8:]),
    "all zeros": changed(lambda data: bytes(len(data))),
    "a folder": replaced(Path.mkdir),
    "a pipe": replaced(os.mkfifo),
    "a device": replaced(lambda path: path.symlink_to("/dev/zero")),
    "a link to itself": replaced(lambda path: path.symlink_to(path)),
}


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "policy.yaml").write_text(POLICY)
    config = Config().below(tmp_path)
    return Source(lambda: config, KEY)


def found(source: Source) -> Found:
    read = source.read()
    assert not read.problems
    return read


@pytest.mark.parametrize("harm", HARMS)
def test_every_damaged_file_is_named_and_nothing_is_served_from_it(harm: str, source: Source) -> None:
    read = found(source)
    arrays = source.open(read).snapshot.folder
    for path in sorted(arrays.iterdir()):
        data = path.read_bytes()
        HARMS[harm](path)
        with pytest.raises(SnapshotError, match=f"{path.name}: .*run again: unsay index build"):
            source.open(found(source))
        restore(path, data)
    HARMS[harm](path)
    build(load_policy(read.config.policy), arrays.parent, KEY)
    assert source.open(found(source)).snapshot.generation == 2, "and what was told to be done helps"


def restore(path: Path, data: bytes) -> None:
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
    path.write_bytes(data)


@pytest.mark.parametrize("harm", [harm for harm in HARMS if harm != "a folder"])
def test_a_damaged_manifest_is_refused_and_the_snapshot_built_anew(harm: str, source: Source) -> None:
    folder = found(source).config.snapshot
    HARMS[harm](folder / MANIFEST)
    with pytest.raises(SnapshotError, match=f"{MANIFEST}: .*build"):
        Snapshot.load(folder, KEY)
    assert source.open(found(source)).snapshot.generation == 2


def test_a_folder_in_place_of_the_manifest_is_told(source: Source) -> None:
    manifest = found(source).config.snapshot / MANIFEST
    HARMS["a folder"](manifest)
    with pytest.raises(OSError, match="Is a directory") as caught:
        source.read()
    assert str(manifest) in str(caught.value)


def test_a_snapshot_that_is_damaged_after_it_was_read_is_not_opened(source: Source) -> None:
    """Between the one that looks whether it is fresh and the worker that maps it."""
    read = found(source)
    (read.config.snapshot / "1" / "facts.npy").unlink()
    with pytest.raises(SnapshotError, match=r"facts\.npy: missing"):
        source.open(read)


def test_a_snapshot_of_another_key_is_built_anew(source: Source) -> None:
    folder = found(source).config.snapshot
    other = Source(source.configure, bytes(32))
    assert other.open(found(other)).snapshot.generation == 2
    with pytest.raises(SnapshotError, match="expected key id"):
        Snapshot.load(folder, KEY)


@pytest.mark.parametrize("make", [lambda path: path.write_text("x"), os.mkfifo], ids=["a file", "a pipe"])
def test_what_is_no_folder_in_place_of_the_snapshot_is_told(
    make: Harm, source: Source, tmp_path: Path
) -> None:
    make(tmp_path / "snapshot")
    with pytest.raises((OSError, SnapshotError)) as caught:
        source.read()
    assert str(tmp_path / "snapshot") in str(caught.value)
