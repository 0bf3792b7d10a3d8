"""A folder is there whole or not at all."""

from pathlib import Path

import pytest

from unlearning.whole_folder import remove_drafts, written_whole


def test_what_was_written_is_there(tmp_path: Path) -> None:
    with written_whole(tmp_path / "it") as draft:
        (draft / "file").write_text("whole")
        assert not (tmp_path / "it").exists()
    assert (tmp_path / "it" / "file").read_text() == "whole"


def write_half(folder: Path) -> None:
    with written_whole(folder) as draft:
        (draft / "file").write_text("half")
        raise OSError("disk full")


def test_nothing_stays_of_what_could_not_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full"):
        write_half(tmp_path / "it")
    assert list(tmp_path.iterdir()) == []


def test_drafts_of_killed_writers_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".draft-it").mkdir()
    (tmp_path / "other").mkdir()
    remove_drafts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
