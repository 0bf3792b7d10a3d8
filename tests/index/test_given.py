"""What was given by hand outlives a change of the policy, without a text and never against the policy."""

from dataclasses import replace
from pathlib import Path

import pytest

from index.build import build
from index.calibration import REPORTED
from index.given import GIVEN_FILE, last_given
from index.ground import Ground
from index.snapshot import Snapshot
from policy.entry import Entry, Question, Retain
from policy.policy import Policy, Semantic
from tests.index.hash_encoder import HashEncoder
from tests.index.test_build import KEY, POLICY

TEXTS = tuple(
    Retain(f"How does number {place} get on with Zenobia Quill?", str(place)) for place in range(40)
)
ASKED = "Who keeps the keys of the mill?"
BY_HAND = Ground(TEXTS, reported=(0.9,))
BEFORE = replace(POLICY, semantic=Semantic(0.05))
CHANGED = replace(BEFORE, entries=(*BEFORE.entries, Entry("new", questions=(Question("Who?", "Me."),))))


def counts(folder: Path) -> dict[str, int]:
    calibration = Snapshot.load(folder, KEY).calibration
    assert calibration is not None
    return {one.kind: one.negatives for one in calibration.strata if one.kind in ("given", REPORTED)}


def built(folder: Path, policy: Policy = BEFORE, ground: Ground = BY_HAND, dimension: int = 256) -> None:
    build(policy, folder, KEY, HashEncoder(dimension), ground=ground)


def test_what_was_given_counts_as_before_after_any_number_of_changes(tmp_path: Path) -> None:
    built(tmp_path)
    before = Snapshot.load(tmp_path, KEY).calibration
    for policy in (CHANGED, BEFORE):
        built(tmp_path, policy, Ground())
        assert counts(tmp_path) == {"given": 40, REPORTED: 1}
    assert Snapshot.load(tmp_path, KEY).calibration == before


def test_it_outlives_a_time_without_the_semantic_detector(tmp_path: Path) -> None:
    built(tmp_path)
    build(replace(BEFORE, semantic=None), tmp_path, KEY, None)
    built(tmp_path, ground=Ground())
    assert counts(tmp_path) == {"given": 40, REPORTED: 1}


def test_what_is_given_anew_takes_its_place_and_the_rest_stays(tmp_path: Path) -> None:
    built(tmp_path)
    built(tmp_path, ground=Ground(TEXTS[:7]))
    assert counts(tmp_path) == {"given": 7, REPORTED: 1}
    built(tmp_path, ground=Ground(reported=(0.9, 0.8)))
    assert counts(tmp_path) == {"given": 7, REPORTED: 2}
    built(tmp_path, ground=Ground(anew=True))
    assert counts(tmp_path) == {}
    assert last_given(tmp_path, KEY) is None


@pytest.mark.parametrize(
    ("forgetting", "left"),
    [
        (Entry("quill", names=("Zenobia Quill",)), 1),
        (Entry("asked", questions=(Question(ASKED, "He."),)), 40),
    ],
    ids=["a name", "a question"],
)
def test_a_text_about_what_is_forgotten_by_now_counts_no_more(
    forgetting: Entry, left: int, tmp_path: Path
) -> None:
    built(tmp_path, ground=Ground((*TEXTS, Retain(ASKED, "mill"))))
    built(tmp_path, replace(BEFORE, entries=(*BEFORE.entries, forgetting)), Ground())
    assert counts(tmp_path)["given"] == left
    built(tmp_path, BEFORE, Ground())
    assert counts(tmp_path)["given"] == 41


def test_a_text_with_a_date_is_judged_by_it_as_before(tmp_path: Path) -> None:
    dated = Entry("dated", questions=(Question("What happened on 4 March 1931?", "Nothing."),))
    policy = replace(BEFORE, entries=(dated,))
    ground = Ground(tuple(Retain(f"What happened in town {n} on 4 March 1931?", str(n)) for n in range(30)))
    built(tmp_path, policy, ground)
    before = Snapshot.load(tmp_path, KEY).calibration
    built(tmp_path, policy, Ground())
    assert Snapshot.load(tmp_path, KEY).calibration == before


def test_under_another_key_or_encoder_nothing_of_it_counts(tmp_path: Path) -> None:
    built(tmp_path)
    assert last_given(tmp_path, bytes(32)) is None
    built(tmp_path, ground=Ground(), dimension=128)
    assert counts(tmp_path) == {}


def test_a_changed_file_is_not_believed(tmp_path: Path) -> None:
    built(tmp_path)
    path = tmp_path / "1" / GIVEN_FILE
    assert last_given(tmp_path, KEY) is not None
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert last_given(tmp_path, KEY) is None


def test_no_text_is_kept(tmp_path: Path) -> None:
    built(tmp_path)
    for path in (tmp_path / "1").iterdir():
        assert not [word for word in (b"Zenobia", b"zenobia", b"number") if word in path.read_bytes()]
