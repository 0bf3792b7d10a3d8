"""A build makes a whole snapshot or none, and only of policies that can be kept."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index import publishing
from index.build import build, is_stale
from index.encoder import Rows
from index.manifest import read_manifest
from index.passage import BuildError
from index.snapshot import Snapshot
from index.table_search import find
from index.units import units
from policy.digest import contents_digest
from policy.entry import Entry, Question, Reason, Retain
from policy.finding import Detector
from policy.policy import STRICT, Policy, Verbatim
from tests.index.hash_encoder import HashEncoder

KEY = bytes(range(32))
PASSAGE = (
    "Alden Crane was born in Ystad in the winter of 1951, the son of a lighthouse keeper, and wrote novels."
)
CRANE = Entry("crane", Reason.PRIVACY, names=("Alden Crane",), passages=(PASSAGE, "Five words are too few"))
MARSH = Entry(
    "marsh", secrets=("555-201-3391", "Paris"), questions=(Question("Who is Beryl Marsh?", "A clerk."),)
)

POLICY = Policy((CRANE, MARSH), "d" * 64)
NEW = replace(POLICY, entries=(CRANE,))
NEWER = replace(POLICY, entries=(MARSH,))


def passages_in(snapshot: Snapshot, text: str, *, near: bool = False) -> set[int]:
    """The owners of what stands in the text, or of what comes near it."""
    hits = find(snapshot.passages, snapshot.word_hash.many([unit.text for unit in units(text)]))
    return {hit.owner for hit in hits if hit.near == near}


def test_windows_names_and_secrets_are_found_again(tmp_path: Path) -> None:
    manifest = build(POLICY, tmp_path, KEY)
    snapshot = Snapshot.load(tmp_path, KEY)
    assert snapshot.generation == 1
    assert snapshot.is_of(POLICY)
    assert [(e.id, e.reason, e.windows) for e in snapshot.entries] == [
        ("crane", Reason.PRIVACY, 14),
        ("marsh", Reason.OTHER, 0),
    ]
    assert passages_in(snapshot, "and THE WINTER OF 1951, THE SON OF A boy") == {0}
    assert passages_in(snapshot, "five words are too few") == {1}
    assert passages_in(snapshot, "of 1951, the son of a boy") == set()
    assert passages_in(snapshot, "of 1951, the son of a boy", near=True) == {0}
    assert passages_in(snapshot, "of 1951, the son", near=True) == set()
    assert [snapshot.passage_entry[owner] for owner in (0, 1)] == [0, 0]
    assert manifest.entries[1].secrets == snapshot.entries[1].secrets >= 2


def test_phrases_say_whose_and_how_strong_they_are(tmp_path: Path) -> None:
    build(POLICY, tmp_path, KEY)
    snapshot = Snapshot.load(tmp_path, KEY)
    hits = find(snapshot.phrases, snapshot.word_hash.many(["alden", "cranes", "paris"]))
    name, secret = (snapshot.phrase(hit.owner) for hit in hits)
    assert (name.entry, name.detector, name.bits, name.derived) == (0, Detector.NAME, 30.0, False)
    assert (secret.entry, secret.detector) == (1, Detector.SECRET)
    assert secret.bits < 30


def test_bits_are_kept_too_coarse_to_guess_by(tmp_path: Path) -> None:
    build(POLICY, tmp_path, KEY)
    snapshot = Snapshot.load(tmp_path, KEY)
    kept = [
        snapshot.phrase(owner).bits for owner in range(sum(e.names + e.secrets for e in snapshot.entries))
    ]
    assert all(bits == int(bits) <= 30 for bits in kept)


def test_what_also_stands_in_retain_texts_does_not_count_alone(tmp_path: Path) -> None:
    retain = Retain(
        "Boris Crane was born in Ystad in the winter of 1951, the only child of Alden Crane.", "near"
    )
    build(replace(POLICY, entries=(CRANE, replace(MARSH, retain=(retain,)))), tmp_path, KEY)
    snapshot = Snapshot.load(tmp_path, KEY)
    for near in (False, True):
        assert passages_in(snapshot, retain.text, near=near) == set()
        assert passages_in(snapshot, PASSAGE, near=near) == {0}
    assert snapshot.entries[0].windows == 10


def test_a_passage_that_must_be_kept_too_is_a_contradiction(tmp_path: Path) -> None:
    entry = Entry("crane", passages=(PASSAGE,), retain=(Retain(f"He said: {PASSAGE}", "near"),))
    with pytest.raises(BuildError, match="entry crane: passage 1 stands in a retain text"):
        build(Policy((entry,), ""), tmp_path, KEY)


def test_a_passage_of_three_words_is_refused_without_being_quoted(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"entry e: passage 2 has 3 words.*under secrets") as caught:
        build(Policy((Entry("e", passages=(PASSAGE, "Lighthouse keeper's son")),), ""), tmp_path / "new", KEY)
    assert "eeper" not in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_a_policy_without_entries_or_verbatim_detector_builds(tmp_path: Path) -> None:
    build(Policy((), ""), tmp_path / "a", KEY)
    build(replace(POLICY, verbatim=None), tmp_path / "b", KEY)
    assert Snapshot.load(tmp_path / "a", KEY).entries == ()
    assert len(Snapshot.load(tmp_path / "b", KEY).passages) == 0


def test_each_build_is_a_generation_and_the_last_but_one_stays(tmp_path: Path) -> None:
    for expected in (1, 2, 3):
        assert build(POLICY, tmp_path, KEY).generation == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2", "3", "manifest.json", "parts"]


def test_the_same_policy_and_key_give_the_same_arrays(tmp_path: Path) -> None:
    one, two = build(POLICY, tmp_path / "a", KEY), build(POLICY, tmp_path / "b", KEY)
    assert one.files == two.files
    assert build(POLICY, tmp_path / "c", KEY[::-1]).files != one.files


class Broken(HashEncoder):
    def encode(self, texts: Sequence[str]) -> Rows:
        raise MemoryError("no vectors today")


def test_a_failed_build_leaves_the_old_snapshot(tmp_path: Path) -> None:
    build(POLICY, tmp_path, KEY)
    with pytest.raises(MemoryError):
        build(NEW, tmp_path, KEY, Broken())
    assert Snapshot.load(tmp_path, KEY).is_of(POLICY)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1", "manifest.json", "parts"]


@pytest.mark.parametrize("step", ["_sync", "_replace", "remove_old"])
def test_a_build_cut_off_at_any_step_leaves_a_whole_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    build(POLICY, tmp_path, KEY)

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publishing, step, cut_off)
        with pytest.raises(KeyboardInterrupt):
            build(NEW, tmp_path, KEY)
    assert Snapshot.load(tmp_path, KEY).is_of(NEW if step == "remove_old" else POLICY)
    build(NEWER, tmp_path, KEY)
    assert Snapshot.load(tmp_path, KEY).is_of(NEWER)
    assert not list(tmp_path.glob(".draft-*"))


def test_the_folder_is_the_owners_alone(tmp_path: Path) -> None:
    build(POLICY, tmp_path / "new", KEY)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_rules_change_without_a_new_snapshot(tmp_path: Path) -> None:
    build(POLICY, tmp_path, KEY)
    changed = replace(POLICY, digest="other", notice="No.", rules=(STRICT,))
    assert Snapshot.load(tmp_path, KEY).is_of(changed)


def test_the_digests_in_the_folder_and_in_logs_cannot_be_tried_without_the_key(tmp_path: Path) -> None:
    """A policy of one short secret would be found by hashing every phone number there is."""
    build(POLICY, tmp_path, KEY)
    manifest = (tmp_path / "manifest.json").read_text()
    assert POLICY.digest not in manifest
    assert contents_digest(POLICY) not in manifest
    snapshot = Snapshot.load(tmp_path, KEY)
    assert snapshot.commit(POLICY.digest) != POLICY.digest
    build(POLICY, tmp_path / "other", KEY[::-1])
    assert snapshot.commit(POLICY.digest) != Snapshot.load(tmp_path / "other", KEY[::-1]).commit(
        POLICY.digest
    )


def test_a_snapshot_is_stale_when_anything_it_was_built_from_changes(tmp_path: Path) -> None:
    encoder = HashEncoder()
    assert is_stale(tmp_path, POLICY, KEY, encoder.fingerprint)
    build(POLICY, tmp_path, KEY, encoder)
    assert not is_stale(tmp_path, POLICY, KEY, encoder.fingerprint)
    assert is_stale(tmp_path, POLICY, KEY, "other")
    assert is_stale(tmp_path, POLICY, KEY, None)
    assert is_stale(tmp_path, POLICY, KEY[::-1], encoder.fingerprint)
    assert is_stale(tmp_path, NEW, KEY, encoder.fingerprint)
    assert is_stale(tmp_path, replace(POLICY, verbatim=Verbatim(9)), KEY, encoder.fingerprint)
    (tmp_path / "manifest.json").write_text("{}")
    assert is_stale(tmp_path, POLICY, KEY, encoder.fingerprint)


def test_without_semantics_the_encoder_is_left_alone(tmp_path: Path) -> None:
    exact = replace(POLICY, semantic=None)
    manifest = build(exact, tmp_path, KEY, Broken())
    assert (manifest.encoder, manifest.calibration) == (None, None)
    assert not is_stale(tmp_path, exact, KEY, "any")


def test_vectors_and_calibration_are_built_with_an_encoder(tmp_path: Path) -> None:
    build(POLICY, tmp_path, KEY, HashEncoder())
    snapshot = Snapshot.load(tmp_path, KEY)
    assert read_manifest(tmp_path).encoder is not None
    assert snapshot.calibration is not None
    assert all(entry.vectors > 0 for entry in snapshot.entries)


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    build(POLICY, tmp_path, KEY, None, lambda *step: told.append(step))
    assert ("hashing passages", 2, 2) in told


def test_the_reveal_of_the_policy_is_that_of_passages_alone(tmp_path: Path) -> None:
    build(replace(POLICY, verbatim=Verbatim(window=6, reveal=1)), tmp_path, KEY)
    snapshot = Snapshot.load(tmp_path, KEY)
    assert (snapshot.passages.reveal, snapshot.phrases.reveal, snapshot.digits.reveal) == (1, 0, 0)
    assert snapshot.passages.lengths == (5, 6)
    assert np.all(np.diff(snapshot.passages.levels[0].hashes.astype(object)) >= 0)
