"""An entry as JSON, texts and all, and back.

Rules: one entry is written in one way, times in UTC, so that digests of it mean something. Reading gives the
same entry, and takes nothing else.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from policy.entry import Concept, Entry, Question, Reason, Retain


def entry_json(entry: Entry) -> dict[str, Any]:
    concept = entry.concept
    return {
        "id": entry.id,
        "reason": entry.reason,
        "names": entry.names,
        "passages": entry.passages,
        "questions": [(one.question, one.answer) for one in entry.questions],
        "secrets": entry.secrets,
        "concept": concept and {"description": concept.description, "examples": concept.examples},
        "retain": [(one.text, one.source) for one in entry.retain],
        "models": entry.models,
        "keys": entry.keys,
        "from": utc(entry.start),
        "until": utc(entry.end),
    }


def entry_from(said: Mapping[str, Any]) -> Entry:
    """ValueError, KeyError or TypeError when it is not what `entry_json` made."""
    concept = said["concept"]
    return Entry(
        said["id"],
        Reason(said["reason"]),
        tuple(said["names"]),
        tuple(said["passages"]),
        tuple(Question(*one) for one in said["questions"]),
        tuple(said["secrets"]),
        concept and Concept(concept["description"], tuple(concept["examples"])),
        tuple(Retain(*one) for one in said["retain"]),
        tuple(said["models"]),
        tuple(said["keys"]),
        time_of(said["from"]),
        time_of(said["until"]),
    )


def utc(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat() if time else None


def time_of(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
