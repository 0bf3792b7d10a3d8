"""A receipt tells what became of a request, to people and to programs, and nothing of what was forgotten."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.admin.documents import MoveDocument
from gateway.admin.receipt import calibration_of, readable, statement
from index.build import build
from index.ledger.event import Event, Part
from index.ledger.report import Report
from policy.file import load_policy
from tests.gateway.admin.office import POLICY, TEXTS, Office, asking
from tests.gateway.running import KEY
from tests.index.hash_encoder import HashEncoder

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_it_says_since_when_each_replica_withholds_it(at: Office) -> None:
    desk = at.desk()
    enforced = desk.add(asking("enforce"), "").history[-1].sequence
    desk.opened.report(
        Report("a", enforced - 1, Part.EXACT, 2, NOW),
        Report("a", enforced + 4, Part.EXACT, 4, NOW),
        Report("a", enforced, Part.EXACT, 3, NOW),
        Report("b", enforced + 1, Part.EXACT, 9, NOW),
        # It has no such part.
        Report("b", enforced + 1, Part.SEMANTIC, 9, NOW),
    )
    found = [(one.replica, one.part, one.generation) for one in desk.show("erasure-0142").in_force]
    assert found == [("a", "exact", 3), ("b", "exact", 9)]


def test_what_was_in_force_before_a_move_is_not_after_it(at: Office) -> None:
    desk = at.desk()
    enforced = desk.add(asking("enforce"), "").history[-1].sequence
    desk.opened.report(Report("a", enforced, Part.EXACT, 3, NOW))
    assert len(desk.show("erasure-0142").in_force) == 1
    assert desk.move("erasure-0142", MoveDocument(event=Event.RESTORE)).in_force == ()


def test_what_was_only_recorded_is_in_force_nowhere(at: Office) -> None:
    desk = at.desk()
    desk.add(asking(), "")
    desk.opened.report(Report("a", 99, Part.EXACT, 3, NOW))
    assert desk.show("erasure-0142").in_force == ()


def test_people_read_the_same(at: Office) -> None:
    desk = at.desk()
    enforced = desk.add(asking("enforce", share=0.5, why="ticket 7"), "").history[-1]
    later = enforced.at + timedelta(seconds=0.75)
    desk.opened.report(Report("host:8080", enforced.sequence, Part.EXACT, 3, later))
    records = [one for one in desk.opened.read() if one.request == "erasure-0142"]
    figures = {"generation": 3, "rate_asked": 0.001, "threshold": 0.61, "strata": [{"innocent_texts": 3000}]}
    said = statement(
        desk.show("erasure-0142"), records, desk.ledger(), figures, {"leaks": 0, "tries": 300}, NOW
    )
    text = readable(said)
    assert "State       enforced since" in text
    assert ", of 50% of what is asked" in text
    assert "enforce share 0.5 by anna (ticket 7)" in text
    assert "host:8080: exact part, generation 3, 0.75 s after it was asked for" in text
    assert "threshold 0.6100 for 0.100% of innocent prompts, on 3000 innocent texts (generation 3)" in text
    assert "leaks 0, tries 300" in text
    assert not [one for one in TEXTS if one in text or one in str(said)]


def test_the_calibration_is_that_of_the_first_snapshot_there_is(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY.replace("{semantic: null}", "{}"))
    build(load_policy(tmp_path / "policy.yaml"), tmp_path / "snapshot", KEY, HashEncoder())
    found = calibration_of(tmp_path / "none", tmp_path / "snapshot")
    assert found is not None
    assert (found["generation"], found["rate_asked"]) == (1, 0.001)
    assert all(one["innocent_texts"] > 0 for one in found["strata"])
    assert calibration_of(tmp_path / "none") is None
