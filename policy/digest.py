"""One number for everything a policy says: two policies with the same digest do the same. Another for what it
forgets alone, which stays the same when only the rules change.

It covers what the referenced files hold, and of where they lie only the names that group retain texts;
times are taken in UTC. What the policy is tried with does nothing, and is left out.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import chain

from policy.cases import Cases
from policy.entry import Entry
from policy.entry_json import entry_json
from policy.policy import Policy, Rule

FORMAT = 2


def digest(policy: Policy) -> str:
    """SHA-256, in hex, over canonical JSON: one line of rules and settings, then one line an entry."""
    rules = [_rule(rule) for rule in policy.rules]
    settings = {"rules": rules, "notice": policy.notice, "on_error": policy.on_error}
    cloak = {"cloak": policy.cloak} if policy.cloak else {}
    return _sha256(chain(_line(_detectors(policy) | settings | cloak), _entries(policy.entries)))


def contents_digest(policy: Policy) -> str:
    """The same over entries and detectors alone: what a snapshot is compiled from."""
    return policy.contents or _sha256(chain(_line(_detectors(policy)), _entries(policy.entries)))


def without_entries(policy: Policy) -> Policy:
    """What decides about findings, and none of the forgotten texts; its digests stay the same."""
    return replace(policy, entries=(), cases=Cases(), contents=contents_digest(policy))


def entry_digest(entry: Entry) -> str:
    """Of one entry."""
    return _sha256(_entries([entry]))


def _sha256(pieces: Iterable[str]) -> str:
    state = sha256()
    for piece in pieces:
        state.update(piece.encode())
    return state.hexdigest()


def _line(value: object) -> Iterator[str]:
    yield _json(value)
    yield "\n"


def _entries(entries: Iterable[Entry]) -> Iterator[str]:
    """A line for each. Its passages may stand in files, and are put in one by one."""
    for entry in entries:
        # In a text this would be written with a backslash before each quotation mark.
        before, after = _json(entry_json(replace(entry, passages=()))).split('"passages":[]')
        yield f'{before}"passages":['
        for number, text in enumerate(entry.passages):
            yield f",{_json(text)}" if number else _json(text)
        yield f"]{after}\n"


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _json(value: object) -> str:
    return _ENCODER.encode(value)


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
