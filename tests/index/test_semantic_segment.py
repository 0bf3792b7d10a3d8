"""A request that comes later is found like the entries of the full build, and nothing old is read again."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.build import build
from index.calibration import Calibration
from index.encoder import Rows
from index.judge import FaissJudge
from index.semantic_blob import SemanticSegmentError, from_bytes, to_bytes
from index.semantic_compile import compile_semantic
from index.semantic_merge import MergedVectors, merge_vectors
from index.semantic_segment import SemanticSegment
from index.snapshot import Snapshot, SnapshotError
from index.vectors import Vectors
from policy.entry import Entry, Question, Reason, Retain
from policy.policy import Policy, Semantic
from tests.index.hash_encoder import HashEncoder

KEY, OTHER = b"k" * 32, b"o" * 32
ASKED = ("Where was {} born?", "When was {} born?", "Which book did {} write?")
SAID = ("{} was born in Port Avelin.", "{} was born on 3 May 1951.", "{} wrote The Salt Road.")
# What nobody forgets yet when the full build is made: a later request forgets it.
KEPT = "Where was Torvald Quistgaard born?"


def person(name: str, *retain: str) -> Entry:
    pairs = zip(ASKED, SAID, strict=True)
    questions = tuple(Question(asked.format(name), said.format(name)) for asked, said in pairs)
    kept = tuple(Retain(text, "own") for text in retain)
    return Entry(name.lower().replace(" ", "-"), Reason.PRIVACY, (name,), questions=questions, retain=kept)


CRANE, BREL, QUIST = person("Alden Vosskamp", KEPT), person("Ilse Brelmark"), person("Torvald Quistgaard")


class Remembering(HashEncoder):
    """`read`: every text so far."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> Rows:
        self.read += texts
        return super().encode(texts)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("base")
    build(Policy((CRANE,), "0" * 64, semantic=Semantic(0.01)), folder, KEY, HashEncoder())
    return Snapshot.load(folder, KEY)


def compiled(base: Snapshot, *entries: Entry) -> SemanticSegment:
    return compile_semantic(entries, base, HashEncoder(), KEY)


def merged(
    base: Snapshot, ids: Sequence[str], segments: Sequence[SemanticSegment], draft: Path
) -> tuple[FaissJudge, MergedVectors]:
    draft.mkdir()
    said = merge_vectors(base, ids, segments, draft)
    assert said.calibration is not None
    calibration = Calibration.from_json(said.calibration)
    return FaissJudge(Vectors.load(draft), HashEncoder(), KEY, calibration), said


def found(judge: FaissJudge, name: str) -> set[int]:
    hits = judge.hits([asked.format(name) for asked in ASKED], judge.threshold)
    return {hit.entry for each in hits for hit in each}


def scores(judge: FaissJudge) -> list[list[tuple[int, float]]]:
    texts = [asked.format(name) for asked in ASKED for name in ("Alden Vosskamp", "Ilse Brelmark")]
    return [[(hit.entry, round(hit.score, 5)) for hit in hits] for hits in judge.hits(texts, -1)]


def test_a_later_request_is_found_beside_what_was_forgotten_before(base: Snapshot, tmp_path: Path) -> None:
    judge, said = merged(base, [CRANE.id, BREL.id], [compiled(base, BREL)], tmp_path / "draft")
    assert found(judge, "Ilse Brelmark") == {1}
    assert found(judge, "Alden Vosskamp") == {0}
    assert found(judge, "Maren Delacroy") == set()
    assert all(said.counts)


def test_a_request_whose_semantic_part_is_pending_has_no_vectors(base: Snapshot, tmp_path: Path) -> None:
    ids = [CRANE.id, "pending", BREL.id]
    judge, said = merged(base, ids, [compiled(base, BREL)], tmp_path / "draft")
    assert [count > 0 for count in said.counts] == [True, False, True]
    assert found(judge, "Ilse Brelmark") == {2}


def test_nothing_that_the_snapshot_holds_is_read_again(base: Snapshot) -> None:
    encoder, first = Remembering(), Remembering()
    compile_semantic([CRANE], base, first, KEY)
    segment = compile_semantic([BREL], base, encoder, KEY)
    assert not any("Vosskamp" in text or "Quistgaard" in text for text in encoder.read)
    assert len(encoder.read) == len(set(encoder.read)) == segment.timing.texts
    assert KEPT not in first.read, "a retain text that the snapshot knows"


def test_without_requests_the_full_build_says_what_it_said(base: Snapshot, tmp_path: Path) -> None:
    judge, _ = merged(base, [CRANE.id], [], tmp_path / "draft")
    assert base.calibration is not None
    alone = FaissJudge(Vectors.load(base.folder), HashEncoder(), KEY, base.calibration)
    texts = [asked.format(name) for asked in ASKED for name in ("Alden Vosskamp", "Maren Delacroy")]
    assert judge.hits(texts, -1) == alone.hits(texts, -1)
    assert judge.calibration == base.calibration


def test_the_order_in_which_requests_came_says_nothing(base: Snapshot, tmp_path: Path) -> None:
    ids, one, other = [CRANE.id, BREL.id, QUIST.id], compiled(base, BREL), compiled(base, QUIST)
    first, _ = merged(base, ids, [one, other], tmp_path / "first")
    second, _ = merged(base, ids, [other, one], tmp_path / "second")
    assert scores(first) == scores(second)


def test_what_was_kept_and_is_forgotten_now_holds_nothing_back(base: Snapshot, tmp_path: Path) -> None:
    segment, ids = compiled(base, QUIST), [CRANE.id, QUIST.id]
    judge, _ = merged(base, ids, [segment], tmp_path / "draft")
    nothing = replace(segment, forgets=replace(segment.forgets, questions=frozenset(), subjects=frozenset()))
    held, _ = merged(base, ids, [nothing], tmp_path / "held")
    (hits,), (fewer,) = judge.hits([KEPT], -1), held.hits([KEPT], -1)
    assert hits[0].entry == fewer[0].entry == 1
    assert hits[0].score >= judge.threshold
    assert hits[0].score > fewer[0].score + 0.1


def test_a_segment_survives_its_bytes(base: Snapshot, tmp_path: Path) -> None:
    segment, ids = compiled(base, BREL), [CRANE.id, BREL.id]
    read = from_bytes(to_bytes(segment, KEY), KEY)
    assert (read.encoder, read.ground, read.timing) == (segment.encoder, segment.ground, segment.timing)
    assert read.forgets == segment.forgets
    assert read.entries[0].reach == segment.entries[0].reach
    one, _ = merged(base, ids, [segment], tmp_path / "one")
    other, _ = merged(base, ids, [read], tmp_path / "other")
    assert scores(one) == scores(other)


@pytest.mark.parametrize("place", [0, 20, 40, -1])
def test_changed_bytes_are_refused(base: Snapshot, place: int) -> None:
    data = bytearray(to_bytes(compiled(base, BREL), KEY))
    data[place] ^= 1
    with pytest.raises(SemanticSegmentError, match="compile the request again"):
        from_bytes(bytes(data), KEY)


def test_another_key_and_other_bytes_are_refused(base: Snapshot) -> None:
    data = to_bytes(compiled(base, BREL), KEY)
    assert b"brelmark" not in data
    for wrong, key in ((data, OTHER), (data[:30], KEY), (b"", KEY), (b"PK\x03\x04", KEY)):
        with pytest.raises(SemanticSegmentError):
            from_bytes(wrong, key)


def test_another_encoder_is_refused(base: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="expected encoder hash:256, found hash:64"):
        compile_semantic([BREL], base, HashEncoder(64), KEY)
    foreign = replace(compiled(base, BREL), encoder="hash:64")
    with pytest.raises(SnapshotError, match="found hash:64"):
        merge_vectors(base, [BREL.id], [foreign], tmp_path)


def test_against_another_full_build_the_offset_is_worked_out_anew(base: Snapshot, tmp_path: Path) -> None:
    """Its own lines stay, those of the new build's negatives come."""
    segment = compiled(base, BREL)
    first = segment.entries[0]
    blind = replace(first, reach=replace(first.reach, others=(), own=()))
    stale = replace(segment, ground="another", entries=(blind,))
    judge, _ = merged(base, [CRANE.id, BREL.id], [stale], tmp_path / "draft")
    expected, _ = merged(base, [CRANE.id, BREL.id], [segment], tmp_path / "expected")
    assert found(judge, "Ilse Brelmark") == found(expected, "Ilse Brelmark") == {1}


def test_a_snapshot_without_vectors_takes_no_semantic_part(base: Snapshot, tmp_path: Path) -> None:
    build(Policy((CRANE,), "0" * 64, semantic=None), tmp_path / "exact", KEY)
    exact = Snapshot.load(tmp_path / "exact", KEY)
    assert merge_vectors(exact, [CRANE.id], [], tmp_path) == MergedVectors((0,), None, None)
    with pytest.raises(SnapshotError, match="has no vectors"):
        merge_vectors(exact, [CRANE.id, BREL.id], [compiled(base, BREL)], tmp_path)


def test_rows_of_a_segment_are_turned_by_the_key(base: Snapshot) -> None:
    rows = compiled(base, BREL).entries[0].rows
    plain = HashEncoder().encode([question.question for question in BREL.questions])
    assert np.abs(plain @ rows.T).max() < 0.9
