"""Requests that were settled are below those that came lately, and nobody sees the difference."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.following import settled as settling
from gateway.following.folder import Folder
from gateway.following.merging import Levels, merge, settled
from gateway.following.settled import Settled
from gateway.following.wanted import Wish
from index.segment.onto import merge_onto
from index.segment.part import Part
from index.segment.segment import Segment
from index.snapshot import Snapshot
from index.table_search import find
from index.whole_text import WholeText
from tests.gateway.following.test_merging import NOON, base, folder, ids, wanted, wish
from tests.gateway.running import KEY

__all__ = ["folder"]


def withheld(snapshot: Snapshot, name: str) -> bool:
    """Whether the passage of this request is found, of an entry that is in force."""
    words = WholeText.of(f"herons before the tide came in {name} {name}").words
    found = find(snapshot.passages, snapshot.word_hash.many(words))
    in_force = snapshot.in_force("demo", NOON)
    places = {snapshot.passage_entry[hit.owner] for hit in found if not hit.near}
    return any(snapshot.entries[place].id == name for place in places & in_force)


def made(levels: Levels, wishes: Sequence[Wish], folder: Folder) -> Snapshot:
    merge(levels, wanted(*wishes), folder, KEY, ())
    return Snapshot.load(folder.enforced, KEY)


@pytest.fixture
def wishes(folder: Folder) -> list[Wish]:
    return [wish(folder, name) for name in ("one", "two", "three")]


@pytest.fixture
def levels(folder: Folder, wishes: list[Wish]) -> Levels:
    """The first two are settled."""
    return settled(Levels.of(base(folder)), wanted(*wishes[:2]), folder, KEY)


def test_what_came_lately_is_in_force_beside_what_was_settled(
    folder: Folder, levels: Levels, wishes: list[Wish], tmp_path: Path
) -> None:
    snapshot = made(levels, wishes, folder)
    assert ids(folder.enforced) == ["crane", "one", "two", "three"]
    assert all(withheld(snapshot, name) for name in ("one", "two", "three"))
    parts = [Part(Segment.from_bytes(folder.segment(one.exact) or b"", KEY)) for one in wishes]
    merge_onto(folder.base, parts, tmp_path / "whole", KEY)
    whole = Snapshot.load(tmp_path / "whole", KEY)
    assert list(snapshot.passage_entry) == list(whole.passage_entry)
    assert (snapshot.policy_generation, snapshot.manifest.ledger) == (2, 7)


def test_only_what_came_lately_is_laid(folder: Folder, levels: Levels, wishes: list[Wish]) -> None:
    snapshot = made(levels, wishes, folder)
    below = levels.settled.below.folder
    assert (snapshot.folder / "below" / "passages.filters.npy").samefile(below / "passages.filters.npy")
    assert len(Snapshot.load(folder.settled, KEY).passages) < len(snapshot.passages)


def test_who_is_no_longer_enforced_is_out_of_force_at_once_and_soon_gone(
    folder: Folder, levels: Levels, wishes: list[Wish]
) -> None:
    snapshot = made(levels, wishes[1:], folder)
    assert [withheld(snapshot, name) for name in ("one", "two", "three")] == [False, True, True]
    again = settled(levels, wanted(*wishes[1:]), folder, KEY)
    made(again, wishes[1:], folder)
    assert ids(folder.enforced) == ["crane", "two", "three"]


def test_whom_a_settled_request_binds_may_change(folder: Folder, levels: Levels, wishes: list[Wish]) -> None:
    monitored = replace(wishes[0], monitored=True)
    snapshot = made(levels, [monitored, *wishes[1:]], folder)
    told = Snapshot.load(folder.monitored, KEY)
    assert (withheld(snapshot, "one"), withheld(told, "one"), withheld(told, "two")) == (False, True, False)
    shared = made(levels, [replace(wishes[0], share=0.5), *wishes[1:]], folder)
    assert shared.entries[1].share == 0.5


def test_a_settled_request_that_was_compiled_again_counts_as_it_is_now(
    folder: Folder, levels: Levels, wishes: list[Wish]
) -> None:
    anew = wish(folder, "one")
    assert anew.exact != wishes[0].exact
    snapshot = made(levels, [anew, *wishes[1:]], folder)
    assert ids(folder.enforced) == ["crane", "one", "two", "three"]
    assert withheld(snapshot, "one")


def test_it_is_time_to_settle_when_much_lies_above_or_one_below_has_gone(
    folder: Folder, levels: Levels, wishes: list[Wish], monkeypatch: pytest.MonkeyPatch
) -> None:
    def outgrown(*some: Wish) -> bool:
        return merge(levels, wanted(*some), folder, KEY, ()).outgrown

    assert not outgrown(*wishes)
    assert outgrown(*wishes[1:])
    monkeypatch.setattr(settling, "MOST_ABOVE", 0)
    monkeypatch.setattr(settling, "PART_ABOVE", 0.1)
    assert outgrown(*wishes)
    assert not outgrown(*wishes[:2])


def test_what_is_below_lasts_as_long_as_a_generation_above_it(
    folder: Folder, levels: Levels, wishes: list[Wish]
) -> None:
    made(levels, wishes, folder)
    folder.make()
    assert not folder.settled.exists()
    assert withheld(Snapshot.load(folder.enforced, KEY), "two")


def test_the_policy_alone_is_below_before_anything_is_settled(folder: Folder) -> None:
    assert Settled.of_policy(base(folder)).requests == {}
