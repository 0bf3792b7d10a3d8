"""What the log tells of the embedding index: how near prompts came, and what people said of its findings.

Rule: numbers and ids only; a line that is no record tells nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from gateway.audit.lines import lines_of

SEMANTIC = "semantic"
MISSED = "missed"
FALSE_ALARM = "false_alarm"


@dataclass(slots=True)
class Scores:
    """Of the prompts that were `judged`, so many came `near` and were let through, so many were `found`.

    `reported`: the scores at which people saw a false alarm. `missed`: how often they missed a finding.
    """

    judged: int = 0
    near: int = 0
    found: int = 0
    missed: int = 0
    reported: list[float] = field(default_factory=list)


def scores_of(logs: Iterable[Path], generation: int | None = None) -> Scores:
    """Judged, near and found count one generation of the snapshot, where one is given; reports count all."""
    scores, found, said = Scores(), dict[str, float](), dict[str, str]()
    for record in _records(logs):
        match record.get("event"):
            case "request":
                _add(scores, record, generation)
                found[str(record.get("request"))] = _best(record)
            case "feedback":
                said[str(record.get("request"))] = str(record.get("kind"))
    for request, kind in said.items():
        scores.missed += kind == MISSED
        if kind == FALSE_ALARM and found.get(request, 0.0) > 0.0:
            scores.reported.append(found[request])
    return scores


def _add(scores: Scores, record: dict[str, Any], generation: int | None) -> None:
    nearest = record.get("semantic")
    if nearest is None or generation not in (None, record.get("generation")):
        return
    scores.judged += 1
    is_found = _best(record) > 0.0
    scores.found += is_found
    scores.near += nearest > 0.0 and not is_found


def _best(record: dict[str, Any]) -> float:
    """The highest score by which the embedding index found something."""
    findings = record.get("findings") or ()
    return max([0.0, *(float(one["score"]) for one in findings if one.get("detector") == SEMANTIC)])


def _records(logs: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for log in logs:
        for line in lines_of(log):
            try:
                record = orjson.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                yield record
