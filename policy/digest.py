"""One number for everything a policy says: two policies with the same digest do the same.

It covers what the referenced files hold, and of where they lie only the names that group retain texts;
times are taken in UTC.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

from policy.entry import Entry
from policy.policy import Policy, Rule

FORMAT = 1


def digest(policy: Policy) -> str:
    """SHA-256, in hex, over canonical JSON: one line of rules and settings, then one line an entry."""
    state = sha256()
    for value in _lines(policy):
        line = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        state.update(line.encode() + b"\n")
    return state.hexdigest()


def _lines(policy: Policy) -> Iterator[object]:
    verbatim, semantic = policy.verbatim, policy.semantic
    yield {
        "format": FORMAT,
        "rules": [_rule(rule) for rule in policy.rules],
        "verbatim": verbatim and {"window": verbatim.window, "reveal": verbatim.reveal},
        "semantic": semantic and {"false_positive_rate": semantic.false_positive_rate},
        "notice": policy.notice,
        "on_error": policy.on_error,
    }
    for entry in policy.entries:
        yield _entry(entry)


def _rule(rule: Rule) -> object:
    when = {"reason": rule.when.reason, "entry": rule.when.entry}
    return {"when": when, "prompt": dict(rule.prompt), "answer": rule.answer}


def _entry(entry: Entry) -> object:
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
        "from": _utc(entry.start),
        "until": _utc(entry.end),
    }


def _utc(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat() if time else None
