"""A build that was cut off goes on where it was, and the next one compiles only what has changed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from index.build import build
from index.manifest import read_manifest
from index.passage import BuildError
from index.segment import batches
from index.segment.compiling import Compiler, Stretch
from index.segment.error import SegmentError
from index.segment.segment import Segment
from index.segment.store import parts_of
from index.snapshot import Snapshot
from policy.entry import Entry, Retain
from policy.policy import Policy

KEY = bytes(range(32))
TEXTS = tuple(
    f"In the winter of {year} the keeper saw {year % 7} tall herons there." for year in range(1900, 1910)
)
ENTRY = Entry("e", names=("Alden Crane",), passages=TEXTS)
POLICY = Policy((ENTRY,), "d" * 64, semantic=None)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The passages of each batch that was compiled, batches of two passages."""
    seen: list[list[str]] = []
    real = Compiler.segment

    def segment(self: Compiler, stretches: Sequence[Stretch]) -> Segment:
        made = real(self, stretches)
        seen.append([text for stretch in stretches for text in stretch.passages])
        return made

    monkeypatch.setattr(Compiler, "segment", segment)
    monkeypatch.setattr(batches, "PASSAGES_AT_ONCE", 2)
    return seen


def check(folder: Path) -> None:
    for segment in parts_of(folder, KEY):
        segment.check()


class CutOff(BaseException):
    """A kill."""


def test_what_was_compiled_before_a_kill_is_not_compiled_again(
    compiled: list[list[str]], tmp_path: Path
) -> None:
    def kill(_stage: str, done: int, _total: int) -> None:
        if done == 6:
            raise CutOff

    with pytest.raises(CutOff):
        build(POLICY, tmp_path / "cut", KEY, progress=kill)
    assert len(compiled) == 3
    told: list[tuple[str, int, int]] = []
    manifest = build(POLICY, tmp_path / "cut", KEY, progress=lambda *step: told.append(step))
    assert len(compiled) == 5
    assert [step for step in told if step[0] == "hashing passages"] == [
        ("hashing passages", done, 10) for done in (2, 4, 6, 8, 10)
    ]
    assert manifest.files == build(POLICY, tmp_path / "whole", KEY).files


def test_only_the_batches_that_changed_are_compiled_again(compiled: list[list[str]], tmp_path: Path) -> None:
    build(POLICY, tmp_path, KEY)
    compiled.clear()
    changed = replace(ENTRY, passages=(*TEXTS[:9], "Nobody ever saw a heron in that dry and windy place."))
    build(replace(POLICY, entries=(changed,)), tmp_path, KEY)
    # The first batch has the entry's names, which may be derived from any of its passages.
    assert compiled == [list(changed.passages[:2]), list(changed.passages[8:])]


def test_texts_that_must_keep_working_are_part_of_every_batch(
    compiled: list[list[str]], tmp_path: Path
) -> None:
    build(POLICY, tmp_path, KEY)
    compiled.clear()
    kept = replace(ENTRY, retain=(Retain("The keeper saw two tall herons there once.", "near"),))
    build(replace(POLICY, entries=(kept,)), tmp_path, KEY)
    assert len(compiled) == 5


def test_segments_of_this_and_the_last_snapshot_stay_and_no_others(
    compiled: list[list[str]], tmp_path: Path
) -> None:
    others = [replace(POLICY, entries=(replace(ENTRY, passages=TEXTS[:count]),)) for count in (2, 4, 6)]
    parts = [set(build(policy, tmp_path, KEY).parts) for policy in others]
    left = {path.stem for path in (tmp_path / "parts").iterdir()}
    assert left == parts[1] | parts[2]
    assert parts[0] - left


@pytest.mark.parametrize("damage", ["cut", "changed", "last", "empty"])
def test_a_damaged_segment_is_compiled_again(compiled: list[list[str]], tmp_path: Path, damage: str) -> None:
    first = build(POLICY, tmp_path, KEY)
    path = tmp_path / "parts" / f"{first.parts[2]}.segment"
    data = path.read_bytes()
    last = bytes([data[-1] ^ 1])
    damaged = {"cut": data[:-1], "changed": data[:30] + b"\0\0" + data[32:], "last": data[:-1] + last}
    path.write_bytes(damaged.get(damage, b""))
    with pytest.raises(SegmentError):
        check(tmp_path)
    compiled.clear()
    assert build(POLICY, tmp_path, KEY).files == first.files
    assert compiled == [list(TEXTS[4:6])]


def test_a_policy_that_is_refused_leaves_the_old_snapshot(compiled: list[list[str]], tmp_path: Path) -> None:
    build(POLICY, tmp_path, KEY)
    with pytest.raises(BuildError, match="entry e: passage 11 has 2 words"):
        build(replace(POLICY, entries=(replace(ENTRY, passages=(*TEXTS, "Too short")),)), tmp_path, KEY)
    assert Snapshot.load(tmp_path, KEY).is_of(POLICY)
    assert len(parts_of(tmp_path, KEY)) == len(read_manifest(tmp_path).parts) == 5
