"""One number for everything a policy says: two policies with the same digest do the same. Another for what it
forgets alone, which stays the same when only the rules change.

It covers what the referenced files hold, and of where they lie only the names that group retain texts;
times are taken in UTC. What the policy is tried with does nothing, and is left out.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain

from policy.cases import Cases
from policy.entry import Entry
from policy.policy import Policy, Rule

FORMAT = 2


def digest(policy: Policy) -> str:
    """SHA-256, in hex, over canonical JSON: one line of rules and settings, then one line an entry."""
    rules = [_rule(rule) for rule in policy.rules]
    settings = {"rules": rules, "notice": policy.notice, "on_error": policy.on_error}
    cloak = {"cloak": policy.cloak} if policy.cloak else {}
    return _sha256(chain([_detectors(policy) | settings | cloak], map(_entry, policy.entries)))


def contents_digest(policy: Policy) -> str:
    """The same over entries and detectors alone: what a snapshot is compiled from."""
    return policy.contents or _sha256(chain([_detectors(policy)], map(_entry, policy.entries)))


def without_entries(policy: Policy) -> Policy:
    """What decides about findings, and none of the forgotten texts; its digests stay the same."""
    return replace(policy, entries=(), cases=Cases(), contents=contents_digest(policy))


def _sha256(values: Iterable[object]) -> str:
    state = sha256()
    for value in values:
        line = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        state.update(line.encode() + b"\n")
    return state.hexdigest()


def _detectors(policy: Policy) -> dict[str, object]:
    verbatim, coverage, semantic = policy.verbatim, policy.coverage, policy.semantic
    return {
        "format": FORMAT,
        "verbatim": verbatim and {"window": verbatim.window, "reveal": verbatim.reveal},
        "names": {"misspelled": policy.misspelled},
        "coverage": coverage and {"share": coverage.share},
        "views": policy.views and {"depth": policy.views.depth},
        "semantic": semantic and {"false_positive_rate": semantic.false_positive_rate},
    }


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
        "keys": entry.keys,
        "from": _utc(entry.start),
        "until": _utc(entry.end),
    }


def _utc(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat() if time else None
