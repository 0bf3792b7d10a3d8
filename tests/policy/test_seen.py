"""A change of a file that a policy names shows without reading it."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from policy.file import PolicyError, load_policy
from policy.seen import Look, look, look_at

POLICY = """version: 1
entries: [{id: one, passages: [{file: "texts/*.txt"}], names: ["Alden Crane"]}]
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("one two three four five")
    (tmp_path / "policy.yaml").write_text(POLICY)
    return tmp_path / "policy.yaml"


def now(folder: Path) -> object:
    return look_at(folder, "texts/*.txt", 10)


def test_what_was_read_is_what_is_looked_at(policy: Path) -> None:
    seen: dict[str, Mapping[str, Look]] = {}
    load_policy(policy, seen=seen)
    assert seen == {"texts/*.txt": now(policy.parent)}


@pytest.mark.parametrize("change", ["more", "other", "new", "gone", "same length"])
def test_every_change_shows(change: str, policy: Path) -> None:
    before, one = now(policy.parent), policy.parent / "texts" / "a.txt"
    match change:
        case "more":
            one.write_text(one.read_text() + " six")
        case "other":
            (policy.parent / "b").write_text(one.read_text())
            os.utime(policy.parent / "b", ns=(one.stat().st_atime_ns, one.stat().st_mtime_ns))
            (policy.parent / "b").replace(one)
        case "new":
            (policy.parent / "texts" / "b.txt").write_text("one two three four five")
        case "gone":
            one.unlink()
        case _:
            os.utime(one, ns=(0, one.stat().st_mtime_ns + 1))
    assert now(policy.parent) != before


def test_a_policy_that_names_no_file_there_is_says_what_it_waits_for(policy: Path) -> None:
    (policy.parent / "texts" / "a.txt").unlink()
    seen: dict[str, Mapping[str, Look]] = {}
    with pytest.raises(PolicyError):
        load_policy(policy, seen=seen)
    assert seen == {"texts/*.txt": {}}


def test_a_file_that_is_missing_looks_like_nothing(tmp_path: Path) -> None:
    assert look(tmp_path / "none") is None
    assert look_at(tmp_path, "\0", 10) == {}
