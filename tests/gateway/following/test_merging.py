"""What is made of the policy's snapshot and of the segments that the ledger wants."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from gateway.following.folder import Folder
from gateway.following.merging import Levels, merge
from gateway.following.wanted import StateError, Wanted, Wish
from index.build import build
from index.chain import Head
from index.judge import load_judge
from index.segment.compiling import compile_segment
from index.segment.error import SegmentError
from index.segment.settings import Settings
from index.semantic_blob import to_bytes
from index.semantic_compile import compile_semantic
from index.snapshot import Snapshot
from policy.entry import Entry, Force
from policy.policy import Policy, Semantic, Verbatim
from tests.gateway.running import CRANE, KEY, policy_of
from tests.index.hash_encoder import HashEncoder

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
POLICY = policy_of(CRANE)
TEXT = "the keeper of the lighthouse counted seventeen grey herons before the tide came in"


def wish(folder: Folder, name: str, policy: Policy = POLICY, **rest: object) -> Wish:
    """For one entry, with its segment in the folder."""
    entry = Entry(name, passages=(f"{TEXT} {name} {name}",))
    data = compile_segment((entry,), Settings.of(policy), {}, KEY).to_bytes(KEY)
    digest = sha256(data).hexdigest()
    folder.put(digest, data)
    return replace(Wish(name, False, 1.0, Force(), digest), **rest)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    build(POLICY, tmp_path / "snapshot", KEY)
    build(POLICY, tmp_path / "snapshot", KEY)
    found = Folder.beside(tmp_path / "snapshot")
    found.make()
    found.copy_base(tmp_path / "snapshot")
    found.take_base()
    return found


def base(folder: Folder) -> Snapshot:
    return Snapshot.load(folder.base, KEY)


def levels(folder: Folder) -> Levels:
    return Levels.of(base(folder))


def wanted(*wishes: Wish, sequence: int = 7) -> Wanted:
    return Wanted(Head(sequence + 1), wishes)


def ids(path: Path) -> list[str]:
    return [entry.id for entry in Snapshot.load(path, KEY).entries]


def test_what_is_monitored_is_in_a_snapshot_of_its_own_and_alone_in_force_there(folder: Folder) -> None:
    wishes = wish(folder, "one"), wish(folder, "two", monitored=True)
    made = merge(levels(folder), wanted(*wishes), folder, KEY, ())
    assert (made.enforced, made.monitored, made.missed) == (1, 1, ())
    assert (ids(folder.enforced), ids(folder.monitored)) == (["crane", "one"], ["crane", "one", "two"])
    serving, told = Snapshot.load(folder.enforced, KEY), Snapshot.load(folder.monitored, KEY)
    assert serving.in_force("demo", NOON) == {0, 1}
    assert told.in_force("demo", NOON) == {2}
    assert (serving.monitored, told.monitored) == (False, True)


def test_a_generation_goes_with_the_policy_that_it_was_made_of_and_with_its_own_snapshot(
    folder: Folder,
) -> None:
    merge(levels(folder), wanted(wish(folder, "one")), folder, KEY, ())
    merged = Snapshot.load(folder.enforced, KEY)
    assert merged.is_of(POLICY)
    assert (merged.generation, merged.policy_generation, merged.manifest.ledger) == (1, 2, 7)
    assert base(folder).policy_generation == 2


def test_the_ledger_says_whom_a_request_binds_and_of_which_share(folder: Folder) -> None:
    force = Force(("other-*",), None, NOON, ("app",))
    merge(levels(folder), wanted(wish(folder, "one", force=force, share=0.25)), folder, KEY, ())
    entry = Snapshot.load(folder.enforced, KEY).entries[1]
    assert (entry.force, entry.share) == (force, 0.25)


def test_a_segment_that_cannot_be_used_is_missed_only_where_it_may_be(folder: Folder) -> None:
    good, torn = wish(folder, "one"), wish(folder, "two")
    (folder.path / "segments" / torn.exact).write_bytes(b"torn")
    other = wish(folder, "three", policy=replace(POLICY, verbatim=Verbatim(6, 2)))
    doubled = wish(folder, "crane")
    every = wanted(good, torn, other, doubled)
    made = merge(levels(folder), every, folder, KEY, {"two", "three", "crane"})
    assert made.missed == ("two", "three", "crane")
    assert ids(folder.enforced) == ["crane", "one"]
    for name in ("two", "three", "crane"):
        with pytest.raises(SegmentError, match=f"request {name}: "):
            merge(levels(folder), every, folder, KEY, {"two", "three", "crane"} - {name})
    assert Snapshot.load(folder.enforced, KEY).generation == made.enforced


def test_what_is_kept_of_the_ledger_is_read_back_and_no_byte_of_it_may_change(folder: Folder) -> None:
    force = Force(("demo",), NOON, None, ("app",))
    kept = wanted(wish(folder, "one", force=force, share=0.5), wish(folder, "two", semantic="ab"))
    folder.keep(kept, KEY)
    assert folder.wanted(KEY) == kept
    path = folder.path / "state"
    whole = path.read_bytes()
    assert b"herons" not in whole
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(StateError, match="the seal is broken"):
            folder.wanted(KEY)
    with pytest.raises(StateError):
        folder.wanted(bytes(32))


def test_segments_that_nobody_wants_go_and_generations_before_the_last_two(folder: Folder) -> None:
    one, two = wish(folder, "one"), wish(folder, "two")
    folder.keep(wanted(one, two), KEY)
    folder.keep(wanted(two), KEY)
    assert (folder.segment(one.exact), folder.segment(two.exact) is None) == (None, False)
    for _ in range(4):
        made = merge(levels(folder), wanted(two), folder, KEY, ())
        folder.remove_old(made)
    generations = sorted(path.name for path in folder.enforced.iterdir() if path.name.isdecimal())
    assert generations == ["3", "4"]


def test_a_base_stays_what_it_was_when_the_policy_is_built_anew(folder: Folder, tmp_path: Path) -> None:
    for _ in range(3):
        build(policy_of(), tmp_path / "snapshot", KEY)
    assert not folder.bases_are_same(tmp_path / "snapshot")
    assert ids(folder.base) == ["crane"]
    folder.copy_base(tmp_path / "snapshot")
    assert ids(folder.base) == ["crane"]
    folder.take_base()
    assert folder.bases_are_same(tmp_path / "snapshot")
    assert ids(folder.base) == []


def test_vectors_come_when_they_are_made_and_a_broken_one_keeps_no_words_out(tmp_path: Path) -> None:
    policy, encoder = replace(POLICY, semantic=Semantic()), HashEncoder()
    build(policy, tmp_path / "snapshot", KEY, encoder)
    folder = Folder.beside(tmp_path / "snapshot")
    folder.make()
    folder.copy_base(tmp_path / "snapshot")
    folder.take_base()
    pending = wish(folder, "one", policy)
    entry = Entry("one", passages=(f"{TEXT} one one",))
    data = to_bytes(compile_semantic([entry], base(folder), encoder, KEY), KEY)
    folder.put(digest := sha256(data).hexdigest(), data)
    folder.put("0" * 64, b"torn")
    counts = []
    for one in (pending, replace(pending, semantic=digest), replace(pending, semantic="0" * 64)):
        made = merge(levels(folder), wanted(one), folder, KEY, ())
        merged = Snapshot.load(folder.enforced, KEY)
        load_judge(merged, encoder, KEY)
        counts.append((merged.entries[0].vectors > 0, merged.entries[1].vectors > 0, made.missed))
    assert counts == [(True, False, ()), (True, True, ()), (True, False, ("one",))]
