"""A file that was found whole is not read again, unless somebody has written to it."""

import os
from pathlib import Path

import pytest

from index import checked as checking
from index.checked import Checked, describe


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "array"
    file.write_bytes(b"some array")
    return file


def test_another_name_of_a_file_need_not_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked, expected = Checked(), describe(path)
    assert checked.fault(path, expected) is None
    os.link(path, path.with_name("linked"))
    monkeypatch.delattr(checking, "describe")
    assert checked.fault(path.with_name("linked"), expected) is None


def test_what_was_written_since_is_read_again(path: Path) -> None:
    checked, expected = Checked(), describe(path)
    assert checked.fault(path, expected) is None
    path.write_bytes(b"SOME array")
    os.utime(path, ns=(0, 1))
    assert "expected SHA-256" in (checked.fault(path, expected) or "")
    path.write_bytes(b"some arrays")
    assert checked.fault(path, expected) == "expected 10 bytes, found 11"
    path.unlink()
    assert checked.fault(path, expected) == "missing"


def test_what_is_remembered_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MOST_REMEMBERED", 2)
    checked = Checked()
    for name in "abc":
        (tmp_path / name).write_text(name)
        checked.sha256(tmp_path / name)
    assert len(checked._digests) <= 2
