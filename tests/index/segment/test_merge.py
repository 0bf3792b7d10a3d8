"""Parts of a policy, however it was divided, merge into the snapshot that it gives as a whole."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from index import sorting
from index.build import build
from index.knowledge import retain_texts
from index.manifest import Manifest
from index.segment import batches
from index.segment.batches import Batch
from index.segment.compiling import Compiler, Stretch, compile_segment
from index.segment.error import SegmentError
from index.segment.kept import Kept
from index.segment.laying import lay, placed
from index.segment.merge import Said, merge
from index.segment.onto import merge_onto
from index.segment.part import Part, Standing
from index.segment.segment import Segment
from index.segment.settings import Settings
from index.shelf import folder_shelf
from index.snapshot import Snapshot, describe
from index.table_search import find
from index.units import units
from policy.entry import Entry, Retain
from policy.policy import Policy
from tests.index.segment.drawn import ENTRIES, RETAIN, SETTINGS, WHOLE
from tests.laws import CASES

KEY = bytes(range(32))
# A case lays some forty files for each snapshot.
FEW = given_settings(max_examples=max(20, CASES // 20))


def files(segments: Sequence[Segment], settings: Settings) -> dict[str, str]:
    """What the snapshot that is merged of them consists of, each file by its digest."""
    with TemporaryDirectory() as folder:
        with folder_shelf(Path(folder)) as shelf:
            lay(placed(segments), settings, shelf, KEY)
        return {path.name: describe(path).sha256 for path in Path(folder).iterdir()}


def alone(entries: Sequence[Entry], settings: Settings, kept: dict[str, str]) -> Iterator[Segment]:
    for entry in entries:
        yield compile_segment([entry], settings, kept, KEY)


def cut(entries: Sequence[Entry], size: int) -> Iterator[Batch]:
    """Batches of so few passages that entries are cut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "PASSAGES_AT_ONCE", size)
        yield from batches.batches(entries)


# "cranes" is the possessive of one and the other's own name.
@example((Entry("e0", names=("Alden Crane",)), Entry("e1", names=("Beryl Cranes",))), {}, WHOLE)
@FEW
@given(ENTRIES, RETAIN, SETTINGS)
def test_segments_of_single_entries_merge_into_that_of_all(
    entries: tuple[Entry, ...], retain: dict[str, str], settings: Settings
) -> None:
    whole = compile_segment(entries, settings, retain, KEY)
    parts = [*alone(entries, settings, retain), compile_segment([], settings, retain, KEY)]
    assert files(parts, settings) == files([whole], settings)


@FEW
@given(ENTRIES, st.integers(1, 3))
def test_an_entry_that_goes_on_in_the_next_batch_is_one(entries: tuple[Entry, ...], size: int) -> None:
    kept = Kept({}, KEY)
    parts = [Compiler(WHOLE, kept, KEY).segment(batch.stretches) for batch in cut(entries, size)]
    assert files(parts, WHOLE) == files([compile_segment(entries, WHOLE, {}, KEY)], WHOLE)


@FEW
@given(ENTRIES)
def test_what_does_not_fit_the_memory_is_sorted_the_same(entries: tuple[Entry, ...]) -> None:
    segments = [*alone(entries, WHOLE, {}), compile_segment([], WHOLE, {}, KEY)]
    held = files(segments, WHOLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "MOST_ROWS", 8)
        assert files(segments, WHOLE) == held


@FEW
@given(ENTRIES)
def test_what_was_written_and_read_merges_the_same(entries: tuple[Entry, ...]) -> None:
    segment = compile_segment(entries, WHOLE, {}, KEY)
    again = Segment.from_bytes(segment.to_bytes(KEY), KEY)
    assert again.entries == segment.entries
    assert files([again], WHOLE) == files([segment], WHOLE)


POEM = "The lamplighter kept seven herons beside a crooked granite mill, and nobody asked why he did."
CRANE = Entry("crane", names=("Alden Crane",), passages=(POEM,))
MARSH = Entry(
    "marsh",
    names=("Beryl Marsh",),
    passages=("A tall ferryman sold brass lanterns to the pilgrims every single autumn of those years.",),
)
POLICY = Policy((CRANE,), "d" * 64, semantic=None)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base") / "snapshot"
    build(POLICY, folder, KEY)
    return folder


def requested(entry: Entry) -> Segment:
    made = compile_segment([entry], Settings.of(POLICY), retain_texts(POLICY.entries), KEY)
    return Segment.from_bytes(made.to_bytes(KEY), KEY)


def owners(snapshot: Snapshot, text: str) -> set[str]:
    """The entries whose passages stand in the text."""
    hits = find(snapshot.passages, snapshot.word_hash.many([unit.text for unit in units(text)]))
    return {snapshot.entries[snapshot.passage_entry[hit.owner]].id for hit in hits}


def arrays(manifest: Manifest) -> dict[str, str]:
    return {name: found.sha256 for name, found in manifest.files.items()}


def test_a_request_merged_onto_a_policy_is_what_a_policy_with_both_entries_gives(
    base: Path, tmp_path: Path
) -> None:
    merged = merge_onto(base, [Part(requested(MARSH))], tmp_path / "merged", KEY, ledger=7)
    both = build(replace(POLICY, entries=(CRANE, MARSH)), tmp_path / "both", KEY)
    assert arrays(merged) == arrays(both)
    assert merged.entries == both.entries
    snapshot = Snapshot.load(tmp_path / "merged", KEY)
    assert snapshot.is_of(POLICY)
    assert snapshot.manifest.ledger == 7
    assert owners(snapshot, f"{POEM} {MARSH.passages[0]}") == {"crane", "marsh"}


def test_a_request_that_is_left_out_of_the_next_merge_leaves_nothing_behind(
    base: Path, tmp_path: Path
) -> None:
    merge_onto(base, [Part(requested(MARSH))], tmp_path, KEY)
    again = merge_onto(base, [], tmp_path, KEY)
    assert arrays(again) == arrays(Snapshot.load(base, KEY).manifest)
    assert owners(Snapshot.load(tmp_path, KEY), MARSH.passages[0]) == set()


def test_the_caller_says_whom_an_entry_binds(base: Path, tmp_path: Path) -> None:
    end = datetime(2027, 1, 1, tzinfo=UTC)
    stands = Standing(models=("a*",), keys=("k",), end=end, share=0.25, monitored=True)
    merge_onto(base, [Part(requested(MARSH), {"marsh": stands})], tmp_path, KEY)
    crane, marsh = Snapshot.load(tmp_path, KEY).entries
    assert (marsh.models, marsh.keys, marsh.end, marsh.share, marsh.monitored) == (
        ("a*",), ("k",), end, 0.25, True,
    )  # fmt: skip
    assert (crane.models, crane.share, crane.monitored) == (("*",), 1.0, False)


def test_an_id_that_is_there_already_is_refused_and_nothing_is_merged(base: Path, tmp_path: Path) -> None:
    twin = replace(MARSH, id="crane")
    with pytest.raises(SegmentError, match="entry crane: expected an id of its own, found it again"):
        merge_onto(base, [Part(requested(twin))], tmp_path / "new", KEY)
    assert not (tmp_path / "new").exists()


def test_segments_of_other_settings_are_not_merged(base: Path, tmp_path: Path) -> None:
    settings = Settings(window=5, reveal=2, coverage=0.5, misspelled=True)
    part = Part(compile_segment([MARSH], settings, {}, KEY))
    with pytest.raises(SegmentError, match="expected segments of the same settings"):
        merge_onto(base, [part], tmp_path, KEY)


def test_a_batch_whose_beginning_is_missing_is_refused(tmp_path: Path) -> None:
    segment = Compiler(WHOLE, Kept({}, KEY), KEY).segment([Stretch(CRANE, 1, CRANE.passages)])
    with pytest.raises(SegmentError, match="entry crane: expected the part before this one"):
        merge([Part(segment)], tmp_path, KEY, WHOLE, Said(""))


def test_what_a_request_must_not_take_from_others_is_kept_beside_it(base: Path) -> None:
    """A window that stands in the request's own retain text is left out, as in a policy."""
    kept = (Retain("He too kept seven herons beside a crooked granite mill in those days.", "near"),)
    without, within = requested(replace(CRANE, retain=kept)), requested(CRANE)
    assert 0 < without.entries[0].windows < within.entries[0].windows
