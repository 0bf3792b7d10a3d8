"""How near prompts came is read from the numbers of the log, and nothing else is."""

from pathlib import Path
from typing import Any

import orjson

from gateway.audit.scores import Scores, scores_of


def asked(request: str, semantic: float | None, *found: float, generation: int = 1) -> dict[str, Any]:
    findings = [{"detector": "semantic", "score": score} for score in found]
    return {
        "event": "request",
        "request": request,
        "semantic": semantic,
        "generation": generation,
        "findings": [{"detector": "name", "score": 1.0}, *findings],
    }


def said(request: str, kind: str) -> dict[str, Any]:
    return {"event": "feedback", "request": request, "kind": kind}


def scores(folder: Path, *records: Any, generation: int | None = None) -> Scores:
    path = folder / "audit.jsonl"
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records) + b"torn {")
    return scores_of([path], generation)


def test_prompts_are_judged_near_or_found(tmp_path: Path) -> None:
    found = scores(tmp_path, asked("a", 0.0), asked("b", 0.4), asked("c", 0.7, 0.6, 0.7), asked("d", None))
    assert (found.judged, found.near, found.found) == (3, 1, 1)


def test_another_generation_does_not_count(tmp_path: Path) -> None:
    assert scores(tmp_path, asked("a", 0.4), asked("b", 0.4, generation=2), generation=2).judged == 1


def test_a_false_alarm_counts_with_its_score_and_a_miss_as_one(tmp_path: Path) -> None:
    found = scores(
        tmp_path, asked("a", 0.7, 0.6, 0.7), asked("b", 0.0), said("a", "false_alarm"), said("b", "missed")
    )
    assert (found.reported, found.missed) == ([0.7], 1)


def test_the_last_word_about_a_request_counts_and_unknown_ones_do_not(tmp_path: Path) -> None:
    found = scores(
        tmp_path,
        asked("a", 0.7, 0.7),
        said("a", "false_alarm"),
        said("a", "missed"),
        said("x", "false_alarm"),
    )
    assert (found.reported, found.missed) == ([], 1)


def test_lines_that_are_no_records_tell_nothing(tmp_path: Path) -> None:
    assert scores(tmp_path, [], 1, {"event": "opened"}, "text") == Scores()
