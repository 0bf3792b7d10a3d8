"""What `unsay calibrate` reads, draws and says; and `unsay feedback` writes what it reads."""

from pathlib import Path

import orjson
import pytest

from gateway.audit.scores import Scores, scores_of
from gateway.audit.verify import verify
from index.calibration import Negatives, calibrate
from tests.unsay.test_command import POLICY, unsay
from unsay.calibrating import Drift, Recall, draw, drift, innocent_texts, summary

CALIBRATION = calibrate(
    [Negatives("given", [place / 4000 for place in range(3000)], 3), Negatives("few", [0.2] * 5, 1)],
    0.001,
    [0.8],
)
REQUEST = "req_0123456789abcdef01234567"


def test_texts_are_read_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One?\n\nTwo?\n")
    (tmp_path / "b.jsonl").write_text('"Three?"\n{"text": "Four."}\n{"question": "Five?", "answer": "No."}\n')
    read = list(innocent_texts([tmp_path / "a.txt", tmp_path / "b.jsonl"]))
    assert [one.text for one in read] == ["One?", "Two?", "Three?", "Four.", "Five?"]
    assert len({one.source for one in read}) == 2


def test_a_line_that_is_no_text_is_told_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('"One?"\n{"answer": "Secret."}\n')
    with pytest.raises(ValueError, match=r"b\.jsonl, line 2: expected a string") as told:
        list(innocent_texts([tmp_path / "b.jsonl"]))
    assert "Secret" not in str(told.value)


def test_the_report_shows_every_kind_and_the_chosen_points(tmp_path: Path) -> None:
    told = summary(CALIBRATION, Recall(9, 10), Scores(reported=[0.8], missed=2))
    assert f"{CALIBRATION.threshold:.4f}" in told
    assert "| given | 3000 | 3 |" in told
    assert "| few | 5 | 1 |" in told
    assert "9 of 10" in told
    assert "1 false alarms with a score, 2 missed" in told
    draw(CALIBRATION, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("near", "drifted"), [(5, False), (20, False), (60, True)])
def test_a_drift_is_told_when_more_come_near_than_chance_allows(near: int, drifted: bool) -> None:
    """Ten times the rate of one in a thousand may come near: 20 of 2,000."""
    found = drift(CALIBRATION, Scores(judged=2000, near=near))
    assert found.drifted is drifted
    assert ("Calibrate again" in str(found)) is drifted


def test_few_prompts_tell_no_drift() -> None:
    found: Drift = drift(CALIBRATION, Scores(judged=30, near=30))
    assert not found.drifted
    assert "at least 1000" in str(found)


def test_feedback_goes_into_the_chain_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    log.write_bytes(b"")
    for kind in ("--false-alarm", "--missed"):
        assert unsay("feedback", REQUEST, kind, "--audit", "audit.jsonl", cwd=tmp_path).returncode == 0
    assert verify(log).ok
    assert [orjson.loads(line)["kind"] for line in log.read_bytes().splitlines()] == ["false_alarm", "missed"]
    assert scores_of([log]).missed == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("feedback", REQUEST, "--audit", "audit.jsonl"), "expected either --false-alarm or --missed"),
        (("feedback", REQUEST, "--missed", "--audit", "none.jsonl"), "expected an audit log, found no file"),
        (("feedback", "Alden", "--missed", "--audit", "audit.jsonl"), "expected a request's id"),
        (("calibrate", "policy.yaml"), "expected detectors.semantic, found null"),
        (("calibrate", "policy.yaml", "--check"), "expected --audit"),
        (("calibrate", "none.yaml"), "none.yaml"),
    ],
)
def test_what_is_missing_is_told(arguments: tuple[str, ...], expected: str, tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_bytes(b"")
    (tmp_path / "policy.yaml").write_text(POLICY)
    ended = unsay(*arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert expected in ended.stderr
    assert "Traceback" not in ended.stderr
