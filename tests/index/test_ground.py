"""A threshold that innocent texts cannot carry is refused, and what people reported lies below it."""

from dataclasses import replace
from pathlib import Path

import pytest

from index.build import build
from index.calibration import REPORTED, Negatives, calibrate
from index.ground import CalibrationError, Ground
from index.manifest import read_manifest
from index.snapshot import Snapshot
from policy.entry import Retain
from policy.policy import Semantic
from tests.index.hash_encoder import HashEncoder
from tests.index.test_build import KEY, POLICY

MANY = [place / 2000 for place in range(1500)]


def test_a_strict_ground_wants_enough_texts_for_the_rate() -> None:
    found = calibrate([Negatives("given", MANY, 1)], 0.001)
    Ground(wanted=1500, strict=True).check(found)
    with pytest.raises(CalibrationError, match=r"expected 1501 .* found 1500"):
        Ground(wanted=1501, strict=True).check(found)
    with pytest.raises(CalibrationError, match=r"expected 9999 .* rate of 0\.010%, found 1500"):
        Ground(strict=True).check(replace(found, asked=0.0001))


def test_a_ground_that_is_not_strict_takes_what_there_is() -> None:
    few = calibrate([Negatives("given", MANY[:3], 1)], 0.001)
    Ground(wanted=1501).check(few)
    with pytest.raises(CalibrationError):
        Ground(wanted=1501, strict=True).check(few)


def test_a_reported_score_is_no_finding_any_more() -> None:
    negatives = [Negatives("given", MANY, 1)]
    before, after = calibrate(negatives, 0.001), calibrate(negatives, 0.001, [0.8, 0.9])
    assert before.threshold < 0.9 < after.threshold
    assert after.grey <= after.threshold
    assert after.promised == before.promised
    assert [one.kind for one in after.strata] == ["given", REPORTED]
    assert max(line.at(1.0) for line in after.lines) == after.threshold


def test_what_is_refused_leaves_the_last_snapshot(tmp_path: Path) -> None:
    build(POLICY, tmp_path, KEY, HashEncoder())
    with pytest.raises(CalibrationError):
        build(POLICY, tmp_path, KEY, HashEncoder(), ground=Ground(wanted=10**6, strict=True))
    assert read_manifest(tmp_path).generation == 1


def test_texts_that_are_given_count(tmp_path: Path) -> None:
    texts = tuple(Retain(f"How does number {place} get on?", str(place)) for place in range(120))
    policy = replace(POLICY, semantic=Semantic(0.05))
    build(policy, tmp_path, KEY, HashEncoder(), ground=Ground(texts, wanted=120, strict=True))
    calibration = Snapshot.load(tmp_path, KEY).calibration
    assert calibration is not None
    given = next(one for one in calibration.strata if one.kind == "given")
    assert given.negatives == 120
    assert given.curve == tuple(sorted(given.curve))
