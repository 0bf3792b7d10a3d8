"""What is written anew replaces what was made there before, and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from index.build import build
from index.kind import FolderError, Kind
from index.manifest import KIND
from policy.entry import Entry
from policy.policy import Policy

KEY = bytes(range(32))
POLICY = Policy((Entry("one", names=("Alden Crane",)),), "")

OTHERS: dict[str, Callable[[Path], object]] = {
    "a user's file": lambda folder: (folder / "notes.txt").write_text("mine"),
    "years": lambda folder: (folder / "2023").mkdir(),
    "a hidden file": lambda folder: (folder / ".profile").write_text("mine"),
    "a file named as a generation": lambda folder: (folder / "1").write_text("mine"),
    "another's manifest": lambda folder: (folder / "manifest.json").write_text(
        json.dumps({"name": "an app"})
    ),
    "no object": lambda folder: (folder / "manifest.json").write_text("[]"),
    "no JSON": lambda folder: (folder / "manifest.json").write_bytes(b"\xff{"),
    "a manifest that is a folder": lambda folder: (folder / "manifest.json").mkdir(),
}


@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_a_folder_with_something_else_is_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path)
    before = sorted((path.name, path.is_dir()) for path in tmp_path.rglob("*"))
    with pytest.raises(FolderError, match="expected an empty folder or one with a snapshot"):
        build(POLICY, tmp_path, KEY)
    assert sorted((path.name, path.is_dir()) for path in tmp_path.rglob("*")) == before


def test_another_thing_of_ours_is_something_else(tmp_path: Path) -> None:
    assert [build(POLICY, tmp_path, KEY).generation for _ in range(2)] == [1, 2]
    with pytest.raises(FolderError, match="one with an artefact, found something else"):
        Kind("an artefact", frozenset({"number"})).check(tmp_path)


def test_first_builds_that_were_killed_do_not_stand_in_the_way(tmp_path: Path) -> None:
    for left in (".draft-00c0ffee", "1", "2"):
        (tmp_path / left).mkdir()
    (tmp_path / ".manifest.json").write_text("{")
    assert build(POLICY, tmp_path, KEY).generation == 3


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FolderError, match="expected a folder, found a file"):
        KIND.check(tmp_path / "file")
